using System.Diagnostics.Metrics;
using Carousel.Broker.Tests.Apis;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>A stop waits for what is under way, and for nothing else: it would be cut short from outside, and the next start would have to scan.</summary>
public sealed class StopTests
{
    private const string TopicName = "quiet";
    private const int AnHourMs = 3_600_000;

    [Fact]
    public async Task Nobody_who_only_waits_holds_up_a_stop()
    {
        await using RunningBroker broker = await RunningBroker.StartAsync(options => (options.AutoCreateTopics, options.StopGrace) = (true, TimeSpan.FromHours(1)));
        TestClient idle = await RunningBroker.ConnectAsync(broker.Port);
        TestClient half = await RunningBroker.ConnectAsync(broker.Port);
        await half.SendAsync([0, 1, 0, 0, 0, 3]);
        TestClient leader = await RunningBroker.ConnectAsync(broker.Port);
        await leader.AskAsync<MetadataRequest, MetadataResponse>(
            new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = TopicName }], AllowAutoTopicCreation = true }, 9);
        JoinGroupResponse alone = await leader.AskAsync<JoinGroupRequest, JoinGroupResponse>(Join(), 3);
        Assert.Equal(ErrorCode.None, alone.ErrorCode);

        using var received = new ReceivedRequests(broker.Meters);
        FetchRequest fetch = ApiContract.Fetch(TopicName, 0);
        fetch.MaxWaitMs = AnHourMs;
        Task<FetchResponse> reading = (await RunningBroker.ConnectAsync(broker.Port)).AskAsync<FetchRequest, FetchResponse>(fetch, 11);
        Task<JoinGroupResponse> joining = (await RunningBroker.ConnectAsync(broker.Port)).AskAsync<JoinGroupRequest, JoinGroupResponse>(Join(), 3);
        await Eventually.TrueAsync("both requests have arrived", () => received.Requests, requests => requests == 2, TestClient.Timeout);

        Task stopped = broker.DisposeAsync().AsTask();
        FetchResponse.PartitionData read = (await reading).Responses.Single().Partitions.Single();
        Assert.Equal((ErrorCode.None, 0), (read.ErrorCode, read.Records.Length));
        Assert.Equal(ErrorCode.NotCoordinator, (await joining).ErrorCode);
        Assert.Null(await idle.ReceiveAsync());
        Assert.Null(await half.ReceiveAsync());
        await stopped;
    }

    /// <summary>The second who joins waits for the first to join anew.</summary>
    private static JoinGroupRequest Join() => new()
    {
        GroupId = "g", SessionTimeoutMs = 60_000, RebalanceTimeoutMs = AnHourMs, ProtocolType = "consumer",
        Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range" }],
    };

    /// <summary>Counts the requests of one broker from now on.</summary>
    private sealed class ReceivedRequests : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _requests;

        public ReceivedRequests(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "carousel.broker.received")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Increment(ref _requests));
            _listener.Start();
        }

        public int Requests => Volatile.Read(ref _requests);

        public void Dispose() => _listener.Dispose();
    }
}
