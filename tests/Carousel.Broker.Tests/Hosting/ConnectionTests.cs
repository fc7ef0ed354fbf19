using Carousel.Broker.Hosting;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Hosting;

public sealed class ConnectionTests
{
    private const short MetadataVersion = 9;
    private const short ProduceVersion = 9;

    [Fact]
    public async Task A_request_is_answered_with_its_correlation_id_however_its_bytes_arrive()
    {
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect();
        foreach (byte next in TestClient.Frame(new MetadataRequest { Topics = null }, MetadataVersion, 77))
        {
            await client.SendAsync([next]);
        }

        ScriptedRequest request = await NextAsync(metadata);
        Assert.Equal(("test", MetadataVersion, "/127.0.0.1"), (request.Context.ClientId, request.Context.ApiVersion, request.Context.ClientHost));
        request.Answer.SetResult(new MetadataResponse { ClusterId = "c" });

        // correlation id, no tags in the header; throttle, no brokers, cluster "c", controller -1, no topics, no operations, no tags.
        Assert.Equal(
            "0000004D" + "00" + "00000000" + "01" + "0263" + "FFFFFFFF" + "01" + "80000000" + "00",
            Convert.ToHexString((await client.ReceiveAsync())!));
    }

    [Fact]
    public async Task Pipelined_requests_begin_at_once_and_are_answered_in_their_order()
    {
        var produce = new ScriptedHandler(ProduceRequest.Api, isPipelined: true);
        await using var connections = new TestConnections(TestConnections.Options, produce);
        TestClient client = connections.Connect();
        for (int id = 1; id <= 3; id++)
        {
            await client.SendAsync(new ProduceRequest(), ProduceVersion, id);
        }

        ScriptedRequest[] requests = [await NextAsync(produce), await NextAsync(produce), await NextAsync(produce)];
        foreach (ScriptedRequest request in requests.Reverse())
        {
            request.Answer.SetResult(new ProduceResponse());
        }

        Assert.Equal([1, 2, 3], await client.ReceiveCorrelationIdsAsync(3));
    }

    [Fact]
    public async Task A_request_that_isnt_pipelined_begins_after_all_earlier_ones_are_answered()
    {
        var produce = new ScriptedHandler(ProduceRequest.Api, isPipelined: true);
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, produce, metadata);
        TestClient client = connections.Connect();
        await client.SendAsync(new ProduceRequest(), ProduceVersion, 1);
        await client.SendAsync(new MetadataRequest(), MetadataVersion, 2);
        ScriptedRequest first = await NextAsync(produce);
        Assert.False(metadata.Begun.TryPeek(out _));
        first.Answer.SetResult(new ProduceResponse());
        (await NextAsync(metadata)).Answer.SetResult(new MetadataResponse());
        Assert.Equal([1, 2], await client.ReceiveCorrelationIdsAsync(2));
    }

    [Fact]
    public async Task A_connection_pipelines_no_more_than_it_may()
    {
        var produce = new ScriptedHandler(ProduceRequest.Api, isPipelined: true);
        BrokerOptions options = TestConnections.Options;
        options.PipelinedRequestsMax = 2;
        await using var connections = new TestConnections(options, produce);
        TestClient client = connections.Connect();
        for (int id = 1; id <= 10; id++)
        {
            await client.SendAsync(new ProduceRequest(), ProduceVersion, id);
        }

        // Two wait in the queue, one is awaited for its turn to be written, and one has begun and waits for a place in the queue.
        var begun = new List<ScriptedRequest>();
        for (int i = 0; i < 4; i++)
        {
            begun.Add(await NextAsync(produce));
        }

        Assert.False(produce.Begun.TryPeek(out _));
        begun[0].Answer.SetResult(new ProduceResponse());
        Assert.Equal(1, await client.ReceiveCorrelationIdAsync());
        await NextAsync(produce);
    }

    [Fact]
    public async Task A_request_without_answer_leaves_no_gap_in_the_answers()
    {
        var produce = new ScriptedHandler(ProduceRequest.Api, isPipelined: true);
        await using var connections = new TestConnections(TestConnections.Options, produce);
        TestClient client = connections.Connect();
        await client.SendAsync(new ProduceRequest { Acks = 0 }, ProduceVersion, 1);
        await client.SendAsync(new ProduceRequest(), ProduceVersion, 2);
        (await NextAsync(produce)).Answer.SetResult(null);
        (await NextAsync(produce)).Answer.SetResult(new ProduceResponse());
        Assert.Equal(2, await client.ReceiveCorrelationIdAsync());
    }

    [Fact]
    public async Task What_a_client_sent_before_it_left_is_still_served()
    {
        var produce = new ScriptedHandler(ProduceRequest.Api, isPipelined: true);
        await using var connections = new TestConnections(TestConnections.Options, produce);
        TestClient client = connections.Connect(out Task served);
        await client.SendAsync([.. TestClient.Frame(new ProduceRequest(), ProduceVersion, 1), .. TestClient.Frame(new ProduceRequest(), ProduceVersion, 2)]);
        await client.Output.CompleteAsync();
        (await NextAsync(produce)).Answer.SetResult(new ProduceResponse());
        (await NextAsync(produce)).Answer.SetResult(new ProduceResponse());
        Assert.Equal([1, 2], await client.ReceiveCorrelationIdsAsync(2));
        Assert.Contains("the client closed it", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_answers_what_has_begun_and_begins_nothing_more()
    {
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect(out Task served);
        TestClient idle = connections.Connect(out Task idleServed);
        await client.SendAsync(new MetadataRequest(), MetadataVersion, 1);
        await client.SendAsync(new MetadataRequest(), MetadataVersion, 2);
        ScriptedRequest request = await NextAsync(metadata);
        Task stopped = connections.Registry.StopAsync(TimeSpan.FromMinutes(1));
        await idleServed.WithinAsync("the idle connection ends", TestClient.Timeout);
        Assert.Null(await idle.ReceiveAsync());
        request.Answer.SetResult(new MetadataResponse());
        Assert.Equal(1, await client.ReceiveCorrelationIdAsync());
        Assert.Null(await client.ReceiveAsync());
        await stopped.WithinAsync("the stop is done", TestClient.Timeout);
        Assert.False(metadata.Begun.TryPeek(out _));
        Assert.Contains("the broker stops", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_cuts_what_takes_too_long()
    {
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect(out Task served);
        await client.SendAsync(new MetadataRequest(), MetadataVersion, 1);
        await NextAsync(metadata);
        Task stopped = connections.Registry.StopAsync(TimeSpan.FromSeconds(5));
        Assert.False(stopped.IsCompleted);
        connections.Time.Advance(TimeSpan.FromSeconds(5));
        await stopped.WithinAsync("the stop is done", TestClient.Timeout);
        Assert.Contains("the broker stops", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_in_a_handler_ends_its_connection_and_no_other()
    {
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect(out Task served);
        TestClient other = connections.Connect();
        await client.SendAsync(new MetadataRequest(), MetadataVersion, 1);
        (await NextAsync(metadata)).Answer.SetException(new InvalidOperationException("broken inside"));
        Assert.Contains("broken inside", await connections.ReasonAsync(served), StringComparison.Ordinal);
        Assert.Contains(connections.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
        await other.SendAsync(new MetadataRequest(), MetadataVersion, 2);
        (await NextAsync(metadata)).Answer.SetResult(new MetadataResponse());
        Assert.Equal(2, await other.ReceiveCorrelationIdAsync());
    }

    private static async Task<ScriptedRequest> NextAsync(ScriptedHandler handler) =>
        await handler.Begun.ReadAsync().AsTask().WithinAsync($"a {handler.Api.Key} request begins", TestClient.Timeout);
}
