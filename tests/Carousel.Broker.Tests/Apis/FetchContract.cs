using Carousel.Broker.Tests.Hosting;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public abstract class FetchContract : TransactionalContract
{
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task A_position_inside_a_batch_gets_the_whole_batch(short version)
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch("a", "b", "c"));
        await ProduceAsync(topic, Records.Batch("d"));
        FetchResponse.PartitionData data = await FetchAsync(topic, 1, version: version);
        Assert.Equal((ErrorCode.None, 4L, 4L), (data.ErrorCode, data.HighWatermark, data.LastStableOffset));
        Assert.Equal(["a", "b", "c", "d"], Records.Values(data.Records));
        Assert.Null(data.AbortedTransactions);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(16)]
    [InlineData(18)]
    public async Task From_version_13_on_the_topic_comes_by_its_id(short version)
    {
        (string topic, Guid id) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch("a"));
        FetchResponse response = await AskAsync<FetchRequest, FetchResponse>(Fetch("", 0, id), version);
        Assert.Equal((ErrorCode.None, id), (response.ErrorCode, response.Responses.Single().TopicId));
        Assert.Equal(["a"], Records.Values(response.Responses[0].Partitions.Single().Records));
        FetchResponse unknown = await AskAsync<FetchRequest, FetchResponse>(Fetch("", 0, Guid.NewGuid()), version);
        Assert.Equal(ErrorCode.UnknownTopicId, unknown.Responses.Single().Partitions.Single().ErrorCode);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-1)]
    public async Task A_position_outside_of_the_log_is_out_of_range(long offset)
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch("a"));
        FetchResponse.PartitionData data = await FetchAsync(topic, offset, request => request.MaxWaitMs = 30_000);
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1L, -1L, 0), (data.ErrorCode, data.HighWatermark, data.LogStartOffset, data.Records.Length));
    }

    [Fact]
    public async Task The_first_batch_comes_even_if_it_is_larger_than_the_bounds()
    {
        (string topic, _) = await CreateTopicAsync();
        await ProduceAsync(topic, Records.Batch(new string('x', 10_000)));
        await ProduceAsync(topic, Records.Batch("b"));
        FetchResponse.PartitionData data = await FetchAsync(topic, 0, request =>
        {
            request.MaxBytes = 100;
            request.Topics[0].Partitions[0].PartitionMaxBytes = 10;
        });
        Assert.Equal([new string('x', 10_000)], Records.Values(data.Records));
    }

    [Fact]
    public async Task Only_the_first_partition_with_records_may_exceed_the_bounds()
    {
        (string topic, _) = await CreateTopicAsync(partitions: 3);
        await ProduceAsync(topic, Records.Batch(new string('b', 5_000)), partition: 1);
        await ProduceAsync(topic, Records.Batch(new string('c', 5_000)), partition: 2);
        FetchRequest request = Fetch(topic, 0);
        request.MaxBytes = 100;
        request.Topics[0].Partitions = [.. Enumerable.Range(0, 3).Select(partition => new FetchRequest.FetchPartition { Partition = partition, PartitionMaxBytes = 1 << 20 })];
        FetchResponse response = await AskAsync<FetchRequest, FetchResponse>(request, 12);
        Assert.Equal([0, 1, 0], response.Responses.Single().Partitions.OrderBy(data => data.PartitionIndex).Select(data => Records.Values(data.Records).Count));
    }

    [Fact]
    public async Task Without_records_the_answer_comes_when_the_time_is_over_and_not_before()
    {
        (string topic, _) = await CreateTopicAsync();
        FetchResponse.PartitionData data = await FetchAsync(topic, 0, request => request.MaxWaitMs = 100);
        Assert.Equal((ErrorCode.None, 0L, 0), (data.ErrorCode, data.HighWatermark, data.Records.Length));
    }

    [Fact]
    public async Task A_fetch_waits_for_the_next_record()
    {
        (string topic, _) = await CreateTopicAsync(partitions: 2);
        TestClient reader = await RunningBroker.ConnectAsync(Port);
        FetchRequest request = Fetch(topic, 0);
        request.MaxWaitMs = 60_000;
        request.Topics[0].Partitions = [.. Enumerable.Range(0, 2).Select(partition => new FetchRequest.FetchPartition { Partition = partition, PartitionMaxBytes = 1 << 20 })];
        Task<FetchResponse> waiting = reader.AskAsync<FetchRequest, FetchResponse>(request, 12);
        await ProduceAsync(topic, Records.Batch("a"), partition: 1);
        FetchResponse response = await waiting;
        Assert.Equal(["a"], Records.Values(response.Responses.Single().Partitions.Single(data => data.PartitionIndex == 1).Records));
    }

    [Fact]
    public async Task A_fetch_waits_for_as_many_bytes_as_it_wants()
    {
        (string topic, _) = await CreateTopicAsync();
        TestClient reader = await RunningBroker.ConnectAsync(Port);
        FetchRequest request = Fetch(topic, 0);
        (request.MaxWaitMs, request.MinBytes) = (60_000, 2_500);
        Task<FetchResponse> waiting = reader.AskAsync<FetchRequest, FetchResponse>(request, 12);
        for (int i = 0; i < 3; i++)
        {
            Assert.False(waiting.IsCompleted);
            await ProduceAsync(topic, Records.Batch(new string('x', 1_000)));
        }

        Assert.Equal(3, Records.Values((await waiting).Responses.Single().Partitions.Single().Records).Count);
    }

    [Fact]
    public async Task A_fetch_with_an_error_doesnt_wait_for_the_others()
    {
        (string topic, _) = await CreateTopicAsync(partitions: 2);
        FetchRequest request = Fetch(topic, 0);
        request.MaxWaitMs = 60_000;
        request.Topics[0].Partitions =
        [
            new FetchRequest.FetchPartition { Partition = 0, PartitionMaxBytes = 1 << 20 },
            new FetchRequest.FetchPartition { Partition = 1, PartitionMaxBytes = 1 << 20, FetchOffset = 99 },
        ];
        FetchResponse response = await AskAsync<FetchRequest, FetchResponse>(request, 12);
        Assert.Equal(ErrorCode.OffsetOutOfRange, response.Responses.Single().Partitions.Single(data => data.PartitionIndex == 1).ErrorCode);
    }

    [Fact]
    public async Task A_topic_that_isnt_there_is_told_when_the_others_have_waited()
    {
        (string topic, _) = await CreateTopicAsync();
        TestClient reader = await RunningBroker.ConnectAsync(Port);
        FetchRequest request = Fetch(topic, 0);
        request.MaxWaitMs = 60_000;
        request.Topics = [.. request.Topics, .. Fetch("t-that-isnt-there", 0).Topics];
        Task<FetchResponse> waiting = reader.AskAsync<FetchRequest, FetchResponse>(request, 12);
        await ProduceAsync(topic, Records.Batch("a"));
        FetchResponse response = await waiting;
        Assert.Equal(["a"], Records.Values(response.Responses.Single(answer => answer.Topic == topic).Partitions.Single().Records));
        Assert.Equal(
            ErrorCode.UnknownTopicOrPartition, response.Responses.Single(answer => answer.Topic != topic).Partitions.Single().ErrorCode);
    }

    [Fact]
    public async Task A_fetch_of_nothing_that_is_there_doesnt_wait()
    {
        FetchResponse.PartitionData data = await FetchAsync("t-that-isnt-there", 0, request => request.MaxWaitMs = 60_000);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, data.ErrorCode);
    }

    [Theory]
    [InlineData(0, ErrorCode.None)]
    [InlineData(-1, ErrorCode.None)]
    [InlineData(7, ErrorCode.UnknownLeaderEpoch)]
    public async Task The_clients_leader_epoch_must_be_ours(int epoch, ErrorCode error)
    {
        (string topic, _) = await CreateTopicAsync();
        FetchResponse.PartitionData data = await FetchAsync(topic, 0, request => request.Topics[0].Partitions[0].CurrentLeaderEpoch = epoch);
        Assert.Equal(error, data.ErrorCode);
    }

    [Fact]
    public async Task A_session_that_nobody_opened_isnt_found()
    {
        (string topic, _) = await CreateTopicAsync();
        FetchRequest request = Fetch(topic, 0);
        (request.SessionId, request.SessionEpoch) = (1_234, 5);
        FetchResponse response = await AskAsync<FetchRequest, FetchResponse>(request, 12);
        Assert.Equal((ErrorCode.FetchSessionIdNotFound, 0), (response.ErrorCode, response.Responses.Length));
    }

    [Fact]
    public async Task A_reader_of_committed_records_sees_an_open_transaction_only_once_it_has_ended_and_learns_which_were_aborted()
    {
        (string topic, _) = await CreateTopicAsync();
        (string transactionalId, long producerId, short epoch) = await InitAsync();
        await AddPartitionAsync(transactionalId, producerId, epoch, topic);
        Assert.Equal(ErrorCode.None, (await ProduceAsync(topic, Records.Transactional(producerId, epoch, 0, "a"), transactionalId: transactionalId)).ErrorCode);
        await ProduceAsync(topic, Records.Batch("b"));
        FetchResponse.PartitionData open = await FetchAsync(topic, 0, request => request.IsolationLevel = 1);
        Assert.Equal((2L, 0L, 0), (open.HighWatermark, open.LastStableOffset, open.Records.Length));
        Assert.Empty(open.AbortedTransactions!);

        TestClient reader = await RunningBroker.ConnectAsync(Port);
        FetchRequest waiting = Fetch(topic, 0);
        (waiting.MaxWaitMs, waiting.IsolationLevel) = (60_000, 1);
        Task<FetchResponse> decided = reader.AskAsync<FetchRequest, FetchResponse>(waiting, 12);
        EndTxnResponse ended = await AskAsync<EndTxnRequest, EndTxnResponse>(
            new EndTxnRequest { TransactionalId = transactionalId, ProducerId = producerId, ProducerEpoch = epoch, Committed = false }, 3);
        Assert.Equal(ErrorCode.None, ended.ErrorCode);
        FetchResponse.PartitionData data = (await decided).Responses.Single().Partitions.Single();
        Assert.Equal(["a", "b", "abort"], Records.Values(data.Records));
        FetchResponse.AbortedTransaction aborted = Assert.Single(data.AbortedTransactions!);
        Assert.Equal((producerId, 0L), (aborted.ProducerId, aborted.FirstOffset));
    }
}
