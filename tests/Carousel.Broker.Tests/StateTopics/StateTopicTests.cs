using System.Text;
using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Carousel.Wire.Records;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.StateTopics;

public sealed class StateTopicTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    private readonly MemoryStateLog[] _logs = [new(), new(), new(), new()];
    private readonly StateTopic _topic;

    public StateTopicTests()
    {
        _topic = new StateTopic("__state", _logs, new FakeTimeProvider(Now));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("group", 47)]
    [InlineData("a-much-longer-group-id-that-overflows", 27)]
    [InlineData("polygenelubricants", 0)]
    [InlineData("grüße-😀", 27)]
    public void An_id_lives_where_Kafka_looks_for_it(string id, int partition)
    {
        var topic = new StateTopic("__consumer_offsets", [.. Enumerable.Repeat(new MemoryStateLog(), 50)], new FakeTimeProvider());

        Assert.Equal(partition, topic.PartitionOf(id));
    }

    [Fact]
    public async Task What_was_appended_is_replayed_in_order_with_tombstones_transactions_and_their_markers()
    {
        var producer = new ProducerStamp(7000, 3);
        await _topic.AppendAsync(2, [Record("a", "1"), Record("b", "2")]);
        await _topic.AppendAsync(2, [Record("a", null)]);
        await _topic.AppendAsync(2, [Record("c", "3")], producer);
        _logs[2].AppendMarker(producer, isCommit: true);
        _logs[2].AppendMarker(producer, isCommit: false);

        Assert.Equal(
            [
                "0 a=1",
                "1 b=2",
                "2 a gone",
                "3 c=3 in the transaction of 7000/3",
                "4 7000/3 committed",
                "5 7000/3 aborted",
            ],
            Replay(2));
        Assert.Empty(Replay(1));
    }

    [Fact]
    public void A_transactional_batch_has_its_producer_and_the_sequence_that_Kafka_gives_it()
    {
        _topic.Append(0, [Record("a", "1")], new ProducerStamp(7000, 3));

        var header = new RecordBatchHeader(_logs[0].Batches.Single());
        Assert.True(header.IsTransactional);
        Assert.False(header.IsControl);
        Assert.Equal((7000L, (short)3, 0), (header.ProducerId, header.ProducerEpoch, header.BaseSequence));
        Assert.Equal(Now.ToUnixTimeMilliseconds(), header.BaseTimestamp);
    }

    [Fact]
    public async Task An_append_is_complete_when_it_is_durable()
    {
        _logs[1].HoldsFlush = true;
        ValueTask<ErrorCode> append = _topic.AppendAsync(1, [Record("a", "1")]);
        Assert.False(append.IsCompleted);

        _logs[1].Flush();

        Assert.Equal(ErrorCode.None, await append);
    }

    [Fact]
    public async Task An_append_that_fails_says_why()
    {
        _logs[1].Refusal = ErrorCode.KafkaStorageError;

        Assert.Equal(ErrorCode.KafkaStorageError, await _topic.AppendAsync(1, [Record("a", "1")]));
        Assert.Empty(_logs[1].Batches);
    }

    [Fact]
    public void A_batch_that_no_coordinator_wrote_is_named()
    {
        byte[] batch = new RecordBatchBuilder(0) { Attributes = (RecordBatchAttributes)CompressionType.Zstd }.Add([1], [2]).Build();
        _logs[3].Append(batch);

        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => _topic.Replay(3, _ => { }));

        Assert.Equal("The batch at offset 0 of __state-3 can't be read: it is compressed with Zstd.", refusal.Message);
    }

    private static StateRecord Record(string key, string? value) => new(Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value));

    private List<string> Replay(int partition)
    {
        List<string> seen = [];
        _topic.Replay(partition, record => seen.Add(record switch
        {
            StateRecordRead.Marker marker => $"{marker.Offset} {marker.ProducerId}/{marker.ProducerEpoch} {(marker.IsCommit ? "committed" : "aborted")}",
            StateRecordRead.Data data => $"{data.Offset} {Text(data.Key)}"
                + (data.Value is { } value ? $"={Text(value)}" : " gone")
                + (data.IsTransactional ? $" in the transaction of {data.ProducerId}/{data.ProducerEpoch}" : ""),
            _ => throw new InvalidOperationException($"{record} is neither."),
        }));
        return seen;
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
