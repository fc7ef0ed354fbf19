using Carousel.Conformance.Tests.Brokers;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>What may be appended to a partition, and what is read of it.</summary>
public sealed class LogDifferentialTests(SharedBrokers brokers) : DifferentialTest(brokers)
{
    /// <summary>
    /// On purpose not here, because Kafka only says UNKNOWN_SERVER_ERROR, which clients send again and again: a length below the header's
    /// (CORRUPT_MESSAGE here) and an unknown compression (UNSUPPORTED_COMPRESSION_TYPE).
    /// </summary>
    [Fact]
    public Task Batches_are_taken_or_refused_for_the_same_reasons() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<ProduceRequest>(from: 3))
        {
            string topic = $"{Prefix}v{version}";
            string compacted = topic + "-compacted";
            var writer = new PartitionWriter(dialogue, version, topic, await dialogue.CreateTopicAsync(topic, 2, ("retention.ms", "-1")));
            await writer.AskAsync("a batch", new BatchBytes { Values = ["a", "b", null] });
            await writer.AskAsync("leader only", new BatchBytes(), acks: 1);
            await writer.AskAsync("acknowledgements that can't be", new BatchBytes(), acks: 2);
            await writer.AskAsync("a partition that isn't", new BatchBytes(), partition: 7);
            await writer.AskAsync("a wrong checksum", new BatchBytes { CrcError = 1 });
            await writer.AskAsync("a magic of 1", new BatchBytes { Magic = 1 });
            await writer.AskAsync("a magic of the future", new BatchBytes { Magic = 3 });
            await writer.AskAsync("a record too many", new BatchBytes { CountError = 1 });
            await writer.AskAsync("a control batch", new BatchBytes { Attributes = BatchBytes.Control });
            await writer.AskAsync("a producer without a sequence", new BatchBytes { ProducerId = 5, ProducerEpoch = 0 });
            await writer.AskAsync("too large", new BatchBytes { Values = [new string('x', 1_100_000)] });
            await writer.AskAsync("nothing", []);
            await writer.AskAsync("a little", new BatchBytes().ToArray()[..15]);
            await writer.AskAsync("a header without its batch", new BatchBytes().ToArray()[..17]);
            await writer.AskAsync("a length below any batch's", [.. new byte[16], 2, .. new byte[60]]);
            await writer.AskAsync("from another century", new BatchBytes { Timestamp = 4_102_444_800_000, Values = ["a", "b"] });
            if (version < 7)
            {
                await writer.AskAsync("zstd before its time", new BatchBytes { Attributes = 4 });
            }

            await writer.AskAsync("two batches at once", [.. new BatchBytes().ToArray(), .. new BatchBytes().ToArray()]);
            await writer.AskAsync("half a batch", new BatchBytes().ToArray()[..70]);
            await writer.AskAsync("a record at last", new BatchBytes());

            var keyed = new PartitionWriter(dialogue, version, compacted, await dialogue.CreateTopicAsync(compacted, 1, ("cleanup.policy", "compact"), ("retention.ms", "-1")));
            await keyed.AskAsync("no key in a compacted topic", new BatchBytes { Key = null, Values = ["a", "b"] });
            await keyed.AskAsync("a key in a compacted topic", new BatchBytes());
        }

        foreach (short version in dialogue.Versions<ProduceRequest>().Where(version => version <= 12))
        {
            await new PartitionWriter(dialogue, version, Prefix + "unknown", Guid.Empty).AskAsync("a topic that isn't", new BatchBytes());
        }
    });

    [Fact]
    public Task Sequences_are_kept_per_producer_and_partition() => CompareAsync(async dialogue =>
    {
        short version = dialogue.Newest<ProduceRequest>(11);
        string topic = Prefix + "sequences";
        var writer = new PartitionWriter(dialogue, version, topic, await dialogue.CreateTopicAsync(topic, 2, ("retention.ms", "-1")));
        InitProducerIdResponse producer = await dialogue.DoAsync<InitProducerIdRequest, InitProducerIdResponse>(4, new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 60_000 });
        long id = producer.ProducerId;
        await AskAsync("the first", 0, 0, 2);
        await AskAsync("the first again", 0, 0, 2);
        await AskAsync("the next", 0, 2, 1);
        await AskAsync("a gap", 0, 4, 1);
        await AskAsync("a part of the first", 0, 1, 1);
        for (int sequence = 3; sequence < 9; sequence++)
        {
            await AskAsync("on", 0, sequence, 1);
        }

        await AskAsync("the fifth last again", 0, 4, 1);
        await AskAsync("the sixth last again", 0, 3, 1);
        await AskAsync("a newer epoch that doesn't begin at 0", 1, 9, 1);
        await AskAsync("a newer epoch", 1, 0, 1);
        await AskAsync("the older epoch", 0, 9, 1);
        await AskAsync("another partition in mid-sequence", 1, 5, 1, partition: 1);
        await AskAsync("a producer nobody knows", 3, 17, 1, id: 123_456_789);

        Task AskAsync(string about, short epoch, int sequence, int count, int partition = 0, long? id = null) => writer.AskAsync(
            about,
            new BatchBytes { Values = [.. Enumerable.Range(0, count).Select(i => $"{i}")], ProducerId = id ?? producer.ProducerId, ProducerEpoch = epoch, BaseSequence = sequence },
            partition);
    });

    [Fact]
    public Task Reading_begins_anywhere_and_gives_whole_batches() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "read";
        Guid id = await dialogue.CreateTopicAsync(topic, 2, ("retention.ms", "-1"));
        var writer = new PartitionWriter(dialogue, dialogue.Newest<ProduceRequest>(11), topic, id);
        await writer.WriteAsync(new BatchBytes { Values = ["a", "b", "c"] });
        await writer.WriteAsync(new BatchBytes { Values = ["d", "e"] });
        await writer.WriteAsync(new BatchBytes { Values = [new string('f', 5_000)] });
        foreach (short version in dialogue.Versions<FetchRequest>())
        {
            foreach (long offset in (long[])[0, 1, 3, 5, 6, 7, -1])
            {
                await AskAsync($"from {offset}", 0, offset);
            }

            await AskAsync("a partition that isn't", 9, 0);
            await AskAsync("two partitions", 0, 0, second: 1);
            await AskAsync("one byte of a partition", 0, 0, partitionMaxBytes: 1);
            await AskAsync("one byte in all", 0, 0, maxBytes: 1, second: 1);
            await AskAsync("committed only", 0, 0, isolation: 1);
            if (version >= 9)
            {
                await AskAsync("of a leader that is past", 0, 0, leaderEpoch: 0);
                await AskAsync("of a leader to come", 0, 0, leaderEpoch: 5);
            }

            Task AskAsync(string about, int partition, long offset, int? second = null, int partitionMaxBytes = 1_000_000, int maxBytes = 10_000_000, sbyte isolation = 0, int leaderEpoch = -1) =>
                dialogue.AskAsync<FetchRequest, FetchResponse>(about, version, new FetchRequest
                {
                    MaxWaitMs = 10, MinBytes = 1, MaxBytes = maxBytes, IsolationLevel = isolation, SessionEpoch = -1,
                    Topics =
                    [
                        new()
                        {
                            Topic = topic, TopicId = id,
                            Partitions =
                            [
                                .. new int?[] { partition, second }.OfType<int>().Select(number => new FetchRequest.FetchPartition
                                {
                                    Partition = number, FetchOffset = offset, PartitionMaxBytes = partitionMaxBytes, CurrentLeaderEpoch = leaderEpoch,
                                }),
                            ],
                        },
                    ],
                });
        }
    });

    [Fact]
    public Task Offsets_are_listed_by_time_and_by_rule() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "list";
        var writer = new PartitionWriter(dialogue, dialogue.Newest<ProduceRequest>(11), topic, await dialogue.CreateTopicAsync(topic, 2, ("retention.ms", "-1")));
        await writer.WriteAsync(new BatchBytes { Values = ["a", "b", "c"], Timestamp = 1_000 });
        await writer.WriteAsync(new BatchBytes { Values = ["d", "e"], Timestamp = 5_000 });
        await writer.WriteAsync(new BatchBytes { Values = ["f"], Timestamp = 3_000 });
        foreach (short version in dialogue.Versions<ListOffsetsRequest>())
        {
            foreach (long time in (long[])[-1, -2, -3, -4, 0, 1_001, 1_003, 4_000, 5_001, 5_002])
            {
                await AskAsync($"time {time}", 0, time);
            }

            await AskAsync("an empty partition's end", 1, -1);
            await AskAsync("an empty partition's greatest time", 1, -3);
            await AskAsync("an empty partition's time", 1, 5);
            await AskAsync("a partition that isn't", 9, -1);
            if (version >= 4)
            {
                await AskAsync("of a leader to come", 0, -1, leaderEpoch: 5);
            }

            Task AskAsync(string about, int partition, long time, int leaderEpoch = -1) => dialogue.AskAsync<ListOffsetsRequest, ListOffsetsResponse>(about, version, new ListOffsetsRequest
            {
                ReplicaId = -1, Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Timestamp = time, CurrentLeaderEpoch = leaderEpoch }] }],
            });
        }

        foreach (short version in dialogue.Versions<OffsetForLeaderEpochRequest>())
        {
            foreach ((int partition, int leader, int epoch) in new[] { (0, -1, 0), (0, 0, 0), (0, -1, 3), (0, 4, 0), (1, -1, 0), (9, -1, 0) })
            {
                await dialogue.AskAsync<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
                    $"partition {partition}, leader {leader}, epoch {epoch}", version, new OffsetForLeaderEpochRequest
                    {
                        ReplicaId = -1, Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, CurrentLeaderEpoch = leader, LeaderEpoch = epoch }] }],
                    });
            }
        }
    });

    [Fact]
    public Task Records_are_deleted_up_to_the_end_and_no_further() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<DeleteRecordsRequest>())
        {
            string topic = $"{Prefix}v{version}";
            var writer = new PartitionWriter(dialogue, dialogue.Newest<ProduceRequest>(11), topic, await dialogue.CreateTopicAsync(topic, 1, ("retention.ms", "-1")));
            await writer.WriteAsync(new BatchBytes { Values = ["a", "b", "c", "d"] });
            foreach ((int partition, long offset) in new[] { (0, 2L), (0, 1L), (0, 5L), (0, -2L), (0, -1L), (9, 0L) })
            {
                await dialogue.AskAsync<DeleteRecordsRequest, DeleteRecordsResponse>($"partition {partition} to {offset}", version, new DeleteRecordsRequest
                {
                    Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Offset = offset }] }], TimeoutMs = 10_000,
                });
            }
        }
    });
}
