using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public abstract class ListOffsetsContract : TransactionalContract
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;
    private const long LatestTiered = -5;
    private const long EarliestPendingUpload = -6;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(11)]
    public async Task The_first_the_end_and_the_first_at_or_after_a_time_are_found(short version)
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch(1_000, "a", "b"));
        await ProduceAsync(topic, Records.Batch(3_000, "c"));
        int epoch = version >= 4 ? 0 : -1;
        Assert.Equal((ErrorCode.None, -1L, 0L, epoch), await FindAsync(topic, Earliest, version));
        Assert.Equal((ErrorCode.None, -1L, 3L, epoch), await FindAsync(topic, Latest, version));
        Assert.Equal((ErrorCode.None, 1_000L, 0L, epoch), await FindAsync(topic, 0, version));
        Assert.Equal((ErrorCode.None, 1_000L, 0L, epoch), await FindAsync(topic, 1_000, version));
        Assert.Equal((ErrorCode.None, 3_000L, 2L, epoch), await FindAsync(topic, 1_001, version));
        Assert.Equal((ErrorCode.None, -1L, -1L, -1), await FindAsync(topic, 3_001, version));
    }

    [Fact]
    public async Task Times_are_looked_up_per_record()
    {
        (string topic, _) = await CreateTopicAsync();
        byte[] batch = new Carousel.Wire.Records.RecordBatchBuilder(1_000)
            .Add(null, [1], 1_000).Add(null, [2], 5_000).Add(null, [3], 2_000).Build();
        await ProduceAsync(topic, batch);
        Assert.Equal((ErrorCode.None, 5_000L, 1L, 0), await FindAsync(topic, 1_500, 7));
        Assert.Equal((ErrorCode.None, 5_000L, 1L, 0), await FindAsync(topic, MaxTimestamp, 7));
    }

    [Fact]
    public async Task Without_tiered_storage_everything_is_local()
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch(1_000, "a"));
        Assert.Equal((ErrorCode.None, -1L, 0L, 0), await FindAsync(topic, EarliestLocal, 11));
        Assert.Equal((ErrorCode.None, -1L, -1L, -1), await FindAsync(topic, LatestTiered, 11));
        Assert.Equal((ErrorCode.None, -1L, -1L, -1), await FindAsync(topic, EarliestPendingUpload, 11));
    }

    [Theory]
    [InlineData(MaxTimestamp, 6)]
    [InlineData(EarliestLocal, 7)]
    [InlineData(LatestTiered, 8)]
    [InlineData(EarliestPendingUpload, 10)]
    public async Task A_special_time_is_refused_in_versions_that_dont_know_it(long timestamp, short version)
    {
        (string topic, _) = await CreateTopicAsync();
        Assert.Equal((ErrorCode.UnsupportedVersion, -1L, -1L, -1), await FindAsync(topic, timestamp, version));
    }

    [Fact]
    public async Task An_empty_partition_has_a_first_and_an_end_and_no_record()
    {
        (string topic, _) = await CreateTopicAsync();
        Assert.Equal((ErrorCode.None, -1L, 0L, 0), await FindAsync(topic, Earliest, 7));
        Assert.Equal((ErrorCode.None, -1L, 0L, 0), await FindAsync(topic, Latest, 7));
        Assert.Equal((ErrorCode.None, -1L, -1L, -1), await FindAsync(topic, MaxTimestamp, 7));
        Assert.Equal((ErrorCode.None, -1L, -1L, -1), await FindAsync(topic, 5, 7));
    }

    [Fact]
    public async Task What_isnt_there_isnt_found()
    {
        (string topic, _) = await CreateTopicAsync();
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L, -1L, -1), await FindAsync("t-that-isnt-there", Latest, 7));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L, -1L, -1), await FindAsync(topic, Latest, 7, partition: 9));
        Assert.Equal((ErrorCode.UnknownLeaderEpoch, -1L, -1L, -1), await FindAsync(topic, Latest, 7, leaderEpoch: 3));
    }

    [Fact]
    public async Task The_end_for_a_reader_of_committed_records_is_before_the_open_transaction()
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch("a"));
        (string transactionalId, long producerId, short epoch) = await InitAsync();
        await AddPartitionAsync(transactionalId, producerId, epoch, topic);
        await ProduceAsync(topic, Records.Transactional(producerId, epoch, 0, "b"), transactionalId: transactionalId);
        Assert.Equal((ErrorCode.None, -1L, 1L, 0), await FindAsync(topic, Latest, 7, isolationLevel: 1));
        Assert.Equal((ErrorCode.None, -1L, 2L, 0), await FindAsync(topic, Latest, 7, isolationLevel: 0));
    }

    [Theory]
    [InlineData(0, -1, ErrorCode.None, 0, 2L)]
    [InlineData(0, 0, ErrorCode.None, 0, 2L)]
    [InlineData(3, -1, ErrorCode.None, -1, -1L)]
    [InlineData(0, 3, ErrorCode.UnknownLeaderEpoch, -1, -1L)]
    public async Task A_leader_epoch_ends_at_the_end_of_the_log(int epoch, int currentEpoch, ErrorCode error, int endEpoch, long endOffset)
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch("a", "b"));
        OffsetForLeaderEpochResponse response = await AskAsync<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
            new OffsetForLeaderEpochRequest
            {
                ReplicaId = -1,
                Topics =
                [
                    new OffsetForLeaderEpochRequest.OffsetForLeaderTopic
                    {
                        Topic = topic,
                        Partitions = [new OffsetForLeaderEpochRequest.OffsetForLeaderPartition { LeaderEpoch = epoch, CurrentLeaderEpoch = currentEpoch }],
                    },
                ],
            },
            4);
        OffsetForLeaderEpochResponse.EpochEndOffset end = response.Topics.Single().Partitions.Single();
        Assert.Equal((error, endEpoch, endOffset), (end.ErrorCode, end.LeaderEpoch, end.EndOffset));
    }

    private async Task<(ErrorCode Error, long Timestamp, long Offset, int LeaderEpoch)> FindAsync(
        string topic, long timestamp, short version, int partition = 0, int leaderEpoch = -1, sbyte isolationLevel = 0)
    {
        ListOffsetsResponse response = await AskAsync<ListOffsetsRequest, ListOffsetsResponse>(
            new ListOffsetsRequest
            {
                ReplicaId = -1,
                IsolationLevel = isolationLevel,
                Topics =
                [
                    new ListOffsetsRequest.ListOffsetsTopic
                    {
                        Name = topic,
                        Partitions = [new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = partition, Timestamp = timestamp, CurrentLeaderEpoch = leaderEpoch }],
                    },
                ],
            },
            version);
        ListOffsetsResponse.ListOffsetsPartitionResponse found = response.Topics.Single().Partitions.Single();
        return (found.ErrorCode, found.Timestamp, found.Offset, found.LeaderEpoch);
    }
}
