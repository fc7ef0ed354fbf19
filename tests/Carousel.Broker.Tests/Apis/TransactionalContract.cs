using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>With a producer that has transactions.</summary>
public abstract class TransactionalContract : ApiContract
{
    private protected async Task<(string TransactionalId, long ProducerId, short Epoch)> InitAsync()
    {
        string transactionalId = $"x-{Guid.NewGuid():N}";

        // It has Kafka make the topic of transactions.
        await AskAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new FindCoordinatorRequest { Key = transactionalId, KeyType = 1 }, 2);
        InitProducerIdResponse producer = await Carousel.Testing.Eventually.TrueAsync(
            "the coordinator gives out a producer id",
            () => AskAsync<InitProducerIdRequest, InitProducerIdResponse>(new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 }, 4),
            answer => answer.ErrorCode == ErrorCode.None,
            TimeSpan.FromSeconds(60));
        return (transactionalId, producer.ProducerId, producer.ProducerEpoch);
    }

    internal async Task AddPartitionAsync(string transactionalId, long producerId, short epoch, string topic)
    {
        AddPartitionsToTxnResponse added = await AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = transactionalId,
                V3AndBelowProducerId = producerId,
                V3AndBelowProducerEpoch = epoch,
                V3AndBelowTopics = [new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic { Name = topic, Partitions = [0] }],
            },
            3);
        Assert.Equal(0, added.ResultsByTopicV3AndBelow.Single().ResultsByPartition.Single().PartitionErrorCode);
    }
}
