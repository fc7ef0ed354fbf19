using Carousel.Testing;
using Carousel.Wire;
using Carousel.Wire.Tests.Messages;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>Requests that nobody sound would send, to a whole broker.</summary>
public sealed class HostileRequestTests
{
    private const int Frames = 20_000;

    /// <summary>Their clients are gone before they could wait.</summary>
    private static readonly HashSet<ApiKey> Waiting = [ApiKey.Fetch, ApiKey.JoinGroup, ApiKey.SyncGroup];

    [Fact]
    public async Task Whatever_comes_in_is_answered_or_closes_its_connection_with_a_reason_and_the_broker_goes_on()
    {
        await using RunningBroker broker = await RunningBroker.StartAsync();
        var random = new Random(7);
        for (int i = 0; i < Frames; i++)
        {
            MessageKind kind = MessageKinds.Requests[random.Next(MessageKinds.Requests.Count)];
            Api api = MessageKinds.ApiOf(kind.Name);
            short version = (short)random.Next(kind.VersionMin, kind.VersionMax + 1);
            byte[] body = Mutations.Next(kind.Write(kind.Random(version, random), version), random);
            byte[] frame = TestClient.Frame((short)api.Key, version, i, body, api.IsFlexible(version));
            if (random.Next(20) == 0)
            {
                frame = Mutations.Next(frame, random);
            }

            await SendAsync(broker, frame, isGone: Waiting.Contains(api.Key), $"frame {i}, {kind.Name} v{version}: {Convert.ToHexString(frame)}");
        }

        Assert.DoesNotContain(broker.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
        TestClient client = await RunningBroker.ConnectAsync(broker.Port);
        MetadataResponse metadata = await client.AskAsync<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = [] }, 9);
        Assert.Single(metadata.Brokers);
    }

    private static async Task SendAsync(RunningBroker broker, byte[] frame, bool isGone, string what)
    {
        (DuplexPipe client, DuplexPipe server) = DuplexPipe.Pair();
        using var gone = new CancellationTokenSource();
        Task served = broker.Connections.ServeAsync(server, "fuzz", "/127.0.0.1", gone.Token);
        await client.Output.WriteAsync(frame);
        await client.Output.CompleteAsync();
        if (isGone)
        {
            await gone.CancelAsync();
        }

        await client.Input.CopyToAsync(Stream.Null);
        await served.WithinAsync($"the connection ends after {what}", TestClient.Timeout);
    }
}
