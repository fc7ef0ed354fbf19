using Carousel.Broker.Tests.Hosting;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public abstract class ProduceContract : TransactionalContract
{
    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Batches_get_offsets_one_after_another(short version)
    {
        (string topic, _) = await CreateTopicAsync();
        ProduceResponse.PartitionProduceResponse first = await ProduceAsync(topic, Records.Batch("a", "b", "c"), version: version);
        ProduceResponse.PartitionProduceResponse second = await ProduceAsync(topic, Records.Batch("d"), version: version);
        Assert.Equal((ErrorCode.None, 0L, -1L), (first.ErrorCode, first.BaseOffset, first.LogAppendTimeMs));
        Assert.Equal((ErrorCode.None, 3L), (second.ErrorCode, second.BaseOffset));
        Assert.Equal(version >= 5 ? 0 : -1, second.LogStartOffset);
        Assert.Equal(["a", "b", "c", "d"], Records.Values((await FetchAsync(topic, 0)).Records));
    }

    [Fact]
    public async Task From_version_13_on_the_topic_comes_by_its_id()
    {
        (_, Guid id) = await CreateTopicAsync();
        ProduceResponse response = await AskAsync<ProduceRequest, ProduceResponse>(Produce("", Records.Batch("a"), topicId: id), 13);
        Assert.Equal(id, response.Responses.Single().TopicId);
        Assert.Equal(ErrorCode.None, response.Responses[0].PartitionResponses.Single().ErrorCode);
        ProduceResponse unknown = await AskAsync<ProduceRequest, ProduceResponse>(Produce("", Records.Batch("a"), topicId: Guid.NewGuid()), 13);
        Assert.Equal(ErrorCode.UnknownTopicId, unknown.Responses.Single().PartitionResponses.Single().ErrorCode);
    }

    [Fact]
    public async Task An_append_that_fails_says_why_and_the_others_of_the_request_succeed()
    {
        (string topic, _) = await CreateTopicAsync();
        byte[] broken = Records.Batch("x");
        broken[^1] ^= 1;
        ProduceRequest request = Produce(topic, Records.Batch("a"));
        request.TopicData =
        [
            .. request.TopicData,
            Produce("t-that-isnt-there", Records.Batch("a")).TopicData.Single(),
            Produce(topic, Records.Batch("a"), partition: 5).TopicData.Single(),
        ];
        ProduceResponse response = await AskAsync<ProduceRequest, ProduceResponse>(request, 11);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition],
            response.Responses.SelectMany(answer => answer.PartitionResponses).OrderBy(answer => (int)answer.ErrorCode).Select(answer => answer.ErrorCode));
        ProduceResponse.PartitionProduceResponse corrupt = await ProduceAsync(topic, broken);
        Assert.Equal((ErrorCode.CorruptMessage, -1L, -1L), (corrupt.ErrorCode, corrupt.BaseOffset, corrupt.LogAppendTimeMs));
    }

    [Fact]
    public async Task A_batch_above_the_topics_bound_is_too_large()
    {
        (string topic, _) = await CreateTopicAsync(1, ("max.message.bytes", "1000"));
        Assert.Equal(ErrorCode.MessageTooLarge, (await ProduceAsync(topic, Records.Batch(new string('x', 1000)))).ErrorCode);
        Assert.Equal(ErrorCode.None, (await ProduceAsync(topic, Records.Batch(new string('x', 800)))).ErrorCode);
    }

    [Fact]
    public async Task Acks_other_than_all_one_and_none_are_refused()
    {
        (string topic, _) = await CreateTopicAsync();
        Assert.Equal(ErrorCode.InvalidRequiredAcks, (await ProduceAsync(topic, Records.Batch("a"), acks: 2)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await ProduceAsync(topic, Records.Batch("b"), acks: 1)).ErrorCode);
        await Carousel.Testing.Eventually.TrueAsync(
            "the record with acks=1 can be read", async () => Records.Values((await FetchAsync(topic, 0)).Records), values => values.SequenceEqual(["b"]), TestClient.Timeout);
    }

    [Fact]
    public async Task The_coordinators_topics_arent_written_by_clients()
    {
        // FindCoordinator has Kafka make the topic.
        await AskAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new FindCoordinatorRequest { Key = "g" }, 2);
        await Carousel.Testing.Eventually.TrueAsync(
            "the topic of offsets refuses", async () => (await ProduceAsync("__consumer_offsets", Records.Batch("a"))).ErrorCode, error => error == ErrorCode.InvalidTopic, TestClient.Timeout);
    }

    [Fact]
    public async Task Without_acks_there_is_no_answer()
    {
        (string topic, _) = await CreateTopicAsync();
        await Client.SendAsync(Produce(topic, Records.Batch("a"), acks: 0), 11, 1000);
        ProduceResponse.PartitionProduceResponse next = await ProduceAsync(topic, Records.Batch("b"));
        Assert.Equal(1, next.BaseOffset);
    }

    [Fact]
    public async Task Without_acks_an_error_closes_the_connection()
    {
        TestClient client = await RunningBroker.ConnectAsync(Port);
        await client.SendAsync(Produce("t-that-isnt-there", Records.Batch("a"), acks: 0), 11, 1);
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task Requests_sent_at_once_are_appended_and_answered_in_their_order()
    {
        (string topic, _) = await CreateTopicAsync();
        var frames = new List<byte>();
        for (int id = 1; id <= 20; id++)
        {
            frames.AddRange(TestClient.Frame(Produce(topic, Records.Batch($"{id}")), 11, id));
        }

        TestClient client = await RunningBroker.ConnectAsync(Port);
        await client.SendAsync([.. frames]);
        Assert.Equal(Enumerable.Range(1, 20), await client.ReceiveCorrelationIdsAsync(20));
        Assert.Equal(Enumerable.Range(1, 20).Select(id => $"{id}"), Records.Values((await FetchAsync(topic, 0)).Records));
    }

    [Theory]
    [InlineData(9, ErrorCode.InvalidTxnState)]
    [InlineData(11, ErrorCode.TransactionAbortable)]
    public async Task A_partition_that_wasnt_added_to_the_transaction_takes_none_of_its_records(short version, ErrorCode error)
    {
        (string topic, _) = await CreateTopicAsync();
        (string transactionalId, long producerId, short epoch) = await InitAsync();
        ProduceResponse.PartitionProduceResponse refused =
            await ProduceAsync(topic, Records.Transactional(producerId, epoch, 0, "a"), version: version, transactionalId: transactionalId);
        Assert.Equal(error, refused.ErrorCode);
    }

    [Fact]
    public async Task From_version_12_on_writing_adds_the_partition_to_the_transaction()
    {
        (string topic, _) = await CreateTopicAsync();
        (string transactionalId, long producerId, short epoch) = await InitAsync();
        ProduceResponse.PartitionProduceResponse written =
            await ProduceAsync(topic, Records.Transactional(producerId, epoch, 0, "a"), version: 12, transactionalId: transactionalId);
        Assert.Equal(ErrorCode.None, written.ErrorCode);
        EndTxnResponse ended = await AskAsync<EndTxnRequest, EndTxnResponse>(
            new EndTxnRequest { TransactionalId = transactionalId, ProducerId = producerId, ProducerEpoch = epoch, Committed = true }, 5);
        Assert.Equal((ErrorCode.None, producerId, epoch + 1), (ended.ErrorCode, ended.ProducerId, ended.ProducerEpoch));
        await Carousel.Testing.Eventually.TrueAsync(
            "the transaction is committed",
            async () => Records.Values((await FetchAsync(topic, 0, request => request.IsolationLevel = 1)).Records),
            values => values.SequenceEqual(["a", "commit"]),
            TestClient.Timeout);
        ProduceResponse.PartitionProduceResponse late =
            await ProduceAsync(topic, Records.Transactional(producerId, epoch, 1, "b"), version: 12, transactionalId: transactionalId);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, late.ErrorCode);
    }
}
