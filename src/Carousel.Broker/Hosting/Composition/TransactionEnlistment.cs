using Carousel.Broker.Apis;
using Carousel.Broker.Groups;
using Carousel.Broker.Partitions;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>
/// Adds what is written to a transaction to it, and tells whether it may be. The groups need this before the transaction coordinator is there, which is opened
/// after them: it is set once, before the first request.
/// </summary>
internal sealed class TransactionEnlistment : ITransactionEnlistment, IImplicitPartitions, ITransactionVerifier
{
    private TransactionCoordinator? _transactions;

    public TransactionCoordinator Transactions
    {
        private get => _transactions ?? throw new InvalidOperationException("No request may come before the transaction coordinator is there.");
        set => _transactions = value;
    }

    public ValueTask<ErrorCode> EnlistAsync(string transactionalId, ProducerStamp producer, TopicPartition partition) =>
        AddAsync(transactionalId, producer.ProducerId, producer.ProducerEpoch, [partition]);

    public ValueTask<ErrorCode> AddAsync(string transactionalId, long producerId, short producerEpoch, IReadOnlyCollection<TopicPartition> partitions) =>
        Transactions.AddImplicitlyAsync(transactionalId, new ProducerIdAndEpoch(producerId, producerEpoch), partitions);

    public ErrorCode Verify(long producerId, short producerEpoch, TopicPartition partition) => Transactions.Verify(producerId, producerEpoch, partition);
}
