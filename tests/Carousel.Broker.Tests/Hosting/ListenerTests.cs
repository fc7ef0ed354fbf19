using System.ComponentModel.DataAnnotations;
using Carousel.Broker.Hosting;
using Carousel.Broker.Tests.Apis;
using Carousel.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Broker.Tests.Hosting;

public sealed class ListenerTests
{
    private const int IdleConnections = 1_000;

    [Fact]
    public async Task A_thousand_idle_connections_and_a_hundred_half_requests_hold_up_nobody()
    {
        await using RunningBroker broker = await RunningBroker.StartAsync();
        var idle = new List<TestClient>();
        for (int i = 0; i < IdleConnections; i++)
        {
            idle.Add(await RunningBroker.ConnectAsync(broker.Port));
            if (i % 10 == 0)
            {
                await idle[^1].SendAsync([0, 1, 0, 0, 0, 3]);
            }
        }

        TestClient client = await RunningBroker.ConnectAsync(broker.Port);
        MetadataResponse metadata = await client.AskAsync<MetadataRequest, MetadataResponse>(new MetadataRequest { Topics = [] }, 9);
        Assert.Equal(broker.Port, metadata.Brokers.Single().Port);
        foreach (TestClient connection in idle)
        {
            await connection.Output.CompleteAsync();
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_and_a_directory_that_is_in_use_are_said_so()
    {
        await using RunningBroker broker = await RunningBroker.StartAsync();
        using var meters = new TestMeters();
        string other = Path.Combine(Path.GetTempPath(), $"carousel-broker-{Guid.NewGuid():N}");
        try
        {
            BrokerException taken = await Assert.ThrowsAsync<BrokerException>(() => OpenAsync(new BrokerOptions { DataDirectory = other, Port = broker.Port }, meters));
            Assert.Contains("address already in use", taken.Message, StringComparison.OrdinalIgnoreCase);
            BrokerException locked = await Assert.ThrowsAsync<BrokerException>(() => OpenAsync(new BrokerOptions { DataDirectory = broker.Directory, Port = 0 }, meters));
            Assert.Contains(broker.Directory, locked.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(other, recursive: true);
        }
    }

    [Fact]
    public async Task Any_other_address_than_loopback_is_refused_before_anything_is_opened()
    {
        using var meters = new TestMeters();
        var options = new BrokerOptions { DataDirectory = Path.Combine(Path.GetTempPath(), "never-made"), ListenAddress = "0.0.0.0" };
        ValidationException refused = await Assert.ThrowsAsync<ValidationException>(() => OpenAsync(options, meters));
        Assert.Contains("neither TLS nor SASL", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(options.DataDirectory));
    }

    [Fact]
    public async Task After_a_stop_and_a_start_everything_is_there()
    {
        string directory = Path.Combine(Path.GetTempPath(), $"carousel-broker-{Guid.NewGuid():N}");
        using var meters = new TestMeters();
        try
        {
            for (int start = 0; start < 3; start++)
            {
                await using Broker.Hosting.Broker broker = await OpenAsync(
                    new BrokerOptions { DataDirectory = directory, Port = 0, AutoCreateTopics = true }, meters);
                TestClient client = await RunningBroker.ConnectAsync(broker.Port);
                await client.AskAsync<MetadataRequest, MetadataResponse>(
                    new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = "kept" }], AllowAutoTopicCreation = true }, 9);
                ProduceResponse produced = await client.AskAsync<ProduceRequest, ProduceResponse>(ApiContract.Produce("kept", Records.Batch("a", "b")), 9);
                Assert.Equal(start * 2, produced.Responses.Single().PartitionResponses.Single().BaseOffset);
                await broker.RunAsync(new CancellationToken(canceled: true));
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Task<Broker.Hosting.Broker> OpenAsync(BrokerOptions options, TestMeters meters) =>
        Broker.Hosting.Broker.OpenAsync(options, NullLoggerFactory.Instance, meters, TimeProvider.System, CancellationToken.None);
}
