using Carousel.Broker.Partitions;
using Carousel.Broker.Transactions;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>What the partitions' own producers have open.</summary>
internal sealed class PartitionTransactions(PartitionSet partitions) : IOpenTransactions
{
    public IEnumerable<OpenTransaction> List() =>
        from partition in partitions.Partitions
        where partition.Fault is null
        from producer in partition.DescribeProducers()
        where producer.CurrentTransactionStartOffset >= 0
        select new OpenTransaction(partition.Name, new ProducerIdAndEpoch(producer.ProducerId, producer.ProducerEpoch));
}
