using Carousel.Broker.Groups;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>Appends the ends of transactions to partitions; for committed offsets it then tells the groups.</summary>
internal sealed class TransactionMarkers(TopicCatalog topics, GroupCoordinator groups) : ITransactionMarkers
{
    public async ValueTask<ErrorCode> WriteAsync(TopicPartition partition, TransactionMarker marker)
    {
        if (topics.FindPartition(partition) is not { } found)
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        AppendResult result = found.AppendMarker(
            marker.Producer.ProducerId, marker.Producer.ProducerEpoch, marker.CoordinatorEpoch, marker.IsCommit, (short)marker.Version);
        if (!result.IsSuccess)
        {
            return result.Error;
        }

        if (partition.Topic == TopicName.ConsumerOffsets)
        {
            groups.OnTransactionEnded(partition.Partition, marker.Producer.ProducerId, marker.IsCommit, result.BaseOffset);
        }

        return await found.WaitUntilDurableAsync(result.LastOffset, CancellationToken.None);
    }
}
