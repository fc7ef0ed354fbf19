using System.Buffers.Binary;
using Carousel.Broker.Hosting;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>Clients that don't speak the protocol, or take all they can get.</summary>
public sealed class HostileConnectionTests
{
    private const short MetadataVersion = 9;

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100 * 1024 * 1024 + 1)]
    [InlineData(0x47455420)] // "GET "
    public async Task A_length_that_cant_be_closes_the_connection_and_takes_no_memory(int length)
    {
        await using var connections = new TestConnections(TestConnections.Options);
        TestClient client = connections.Connect(out Task served);
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        await client.SendAsync([.. prefix, 1, 2, 3]);
        Assert.Null(await client.ReceiveAsync());
        Assert.Contains($"claims {length} bytes", await connections.ReasonAsync(served), StringComparison.Ordinal);
        Assert.Equal(0, connections.Memory.Pool.RetainedBytes);
    }

    [Fact]
    public async Task A_claim_of_many_bytes_gets_no_buffer_before_it_sends_some()
    {
        await using var connections = new TestConnections(TestConnections.Options);
        TestClient client = connections.Connect(out Task served);
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, 50 << 20);
        await client.SendAsync([.. prefix, .. new byte[1000]]);
        Assert.Equal(0, connections.Memory.BytesInUse);
        await client.Output.CompleteAsync();
        Assert.Contains($"within a request of {50 << 20} bytes", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_for_ever_is_cut()
    {
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect(out Task served);
        byte[] frame = TestClient.Frame(new MetadataRequest { Topics = null }, MetadataVersion, 1);
        TimeSpan lasted = await connections.PassUntilEndAsync(
            served, TimeSpan.FromSeconds(1), second => second % 9 == 0 && second < 36 ? client.SendAsync([frame[second / 9]]) : Task.CompletedTask);
        Assert.True(lasted > TimeSpan.FromSeconds(30), $"Cut after {lasted}.");
        Assert.Contains("didn't arrive whole within 30 s", await connections.ReasonAsync(served), StringComparison.Ordinal);
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_connection_is_idle_between_requests_but_not_while_one_is_worked_on()
    {
        var metadata = new ScriptedHandler(MetadataRequest.Api);
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect(out Task served);
        await client.SendAsync(new MetadataRequest(), MetadataVersion, 1);
        ScriptedRequest request = await metadata.Begun.ReadAsync().AsTask().WithinAsync("the request begins", TestClient.Timeout);
        connections.Time.Advance(TimeSpan.FromMinutes(11));
        connections.Registry.Sweep();
        Assert.False(served.IsCompleted);
        request.Answer.SetResult(new MetadataResponse());
        Assert.Equal(1, await client.ReceiveCorrelationIdAsync());
        TimeSpan lasted = await connections.PassUntilEndAsync(served, TimeSpan.FromMinutes(1));
        Assert.True(lasted > TimeSpan.FromMinutes(10), $"Cut after {lasted}.");
        Assert.Contains("nothing was asked for 600 s", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beyond_the_largest_number_of_connections_new_ones_are_refused_until_one_leaves()
    {
        BrokerOptions options = TestConnections.Options;
        options.ConnectionsMax = 1;
        await using var connections = new TestConnections(options);
        TestClient first = connections.Connect(out Task served);
        TestClient second = connections.Connect(out Task refused);
        Assert.Contains("there are 1 connections already", await connections.ReasonAsync(refused), StringComparison.Ordinal);
        Assert.Null(await second.ReceiveAsync());
        await first.Output.CompleteAsync();
        await served.WithinAsync("the first connection ends", TestClient.Timeout);
        connections.Connect(out Task third);
        Assert.False(third.IsCompleted);
    }

    [Fact]
    public async Task A_large_request_waits_for_memory_while_small_ones_of_others_go_on()
    {
        const int Large = 600 * 1024;
        var produce = new ScriptedHandler(ProduceRequest.Api, isPipelined: true);
        BrokerOptions options = TestConnections.Options;
        options.RequestMemoryBytesMax = 1 << 20;
        await using var connections = new TestConnections(options, produce);
        TestClient holder = connections.Connect();
        TestClient waiter = connections.Connect();
        TestClient small = connections.Connect();
        byte[] body = new byte[Large];
        Task holding = holder.SendAsync(TestClient.Frame(0, 3, 1, body));
        ScriptedRequest held = await NextAsync(produce);
        await holding;
        Task waiting = waiter.SendAsync(TestClient.Frame(0, 3, 2, body));
        await small.SendAsync(TestClient.Frame(0, 3, 3, new byte[10]));
        (await NextAsync(produce)).Answer.SetResult(new ProduceResponse());
        Assert.Equal(3, await small.ReceiveCorrelationIdAsync());
        Assert.False(waiting.IsCompleted);
        Assert.InRange(connections.Memory.BytesInUse, Large, options.RequestMemoryBytesMax);
        held.Answer.SetResult(new ProduceResponse());
        Assert.Equal(1, await holder.ReceiveCorrelationIdAsync());
        (await NextAsync(produce)).Answer.SetResult(new ProduceResponse());
        Assert.Equal(2, await waiter.ReceiveCorrelationIdAsync());
        await waiting;
    }

    [Fact]
    public async Task A_client_that_doesnt_read_its_answer_holds_up_nobody_and_is_cut_when_others_need_the_memory()
    {
        byte[] records = new byte[1 << 20];
        var fetch = new ImmediateHandler(FetchRequest.Api, _ => new FetchResponse
        {
            Responses = [new FetchResponse.FetchableTopicResponse { Partitions = [new FetchResponse.PartitionData { Records = records }] }],
        });
        await using var connections = new TestConnections(TestConnections.Options, fetch);
        TestClient slow = connections.Connect(out Task slowServed);
        TestClient quick = connections.Connect();
        await slow.SendAsync(new FetchRequest(), 11, 1);
        await quick.SendAsync(new FetchRequest(), 11, 2);
        Assert.Equal(2, await quick.ReceiveCorrelationIdAsync());
        Assert.True(connections.Responses.TryTake(connections.Responses.BytesMax));
        connections.Time.Advance(TimeSpan.FromMinutes(1));
        connections.Registry.Sweep();
        Assert.False(slowServed.IsCompleted);
        ValueTask needed = connections.Responses.TakeAsync(1, CancellationToken.None);
        await connections.PassUntilEndAsync(slowServed, TimeSpan.FromSeconds(1));
        Assert.Contains("the client took nothing of an answer for", await connections.ReasonAsync(slowServed), StringComparison.Ordinal);
        connections.Responses.Return(connections.Responses.BytesMax);
        await needed;
        connections.Responses.Return(1);
    }

    [Theory]
    [InlineData(3, 99, "Metadata is spoken here in versions 0 to 13, not in 99")]
    [InlineData(71, 0, "API 71 isn't spoken here")]
    [InlineData(-1, 0, "API -1 isn't spoken here")]
    [InlineData(short.MaxValue, 0, "API 32767 isn't spoken here")]
    public async Task A_request_that_nobody_can_answer_closes_the_connection(short key, short version, string reason)
    {
        await using var connections = new TestConnections(TestConnections.Options, new ScriptedHandler(MetadataRequest.Api));
        TestClient client = connections.Connect(out Task served);
        await client.SendAsync(TestClient.Frame(key, version, 1, []));
        Assert.Null(await client.ReceiveAsync());
        Assert.Contains(reason, await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_breaks_the_grammar_closes_the_connection()
    {
        var metadata = new Apis.EchoHandler();
        await using var connections = new TestConnections(TestConnections.Options, metadata);
        TestClient client = connections.Connect(out Task served);
        await client.SendAsync(TestClient.Frame(3, 4, 1, [0x7F, 0xFF, 0xFF, 0xFF]));
        Assert.Null(await client.ReceiveAsync());
        Assert.Contains("claims 2147483647 elements", await connections.ReasonAsync(served), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_connections_beyond_twenty_a_second_are_counted_and_not_named()
    {
        await using var connections = new TestConnections(TestConnections.Options);
        for (int i = 0; i < 50; i++)
        {
            TestClient client = connections.Connect(out Task served);
            await client.SendAsync([0xFF, 0xFF, 0xFF, 0xFF]);
            await served.WithinAsync("the connection ends", TestClient.Timeout);
        }

        Assert.Equal(20, connections.Log.Lines.Count);
        connections.Time.Advance(TimeSpan.FromSeconds(1));
        TestClient last = connections.Connect(out Task lastServed);
        await last.SendAsync([0xFF, 0xFF, 0xFF, 0xFF]);
        await lastServed.WithinAsync("the connection ends", TestClient.Timeout);
        Assert.Contains(connections.Log.Lines, line => line.Contains("30 more connections were closed", StringComparison.Ordinal));
    }

    private static async Task<ScriptedRequest> NextAsync(ScriptedHandler handler) =>
        await handler.Begun.ReadAsync().AsTask().WithinAsync("a request begins", TestClient.Timeout);
}
