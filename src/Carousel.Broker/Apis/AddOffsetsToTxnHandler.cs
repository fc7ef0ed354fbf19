using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>AddOffsetsToTxn: adds the partition of <c>__consumer_offsets</c> that holds the group.</summary>
/// <param name="offsetsPartitionOf">The partition of a group's offsets.</param>
internal sealed class AddOffsetsToTxnHandler(TransactionCoordinator transactions, Func<string, TopicPartition> offsetsPartitionOf)
    : ApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    protected override async ValueTask<AddOffsetsToTxnResponse?> HandleAsync(AddOffsetsToTxnRequest request, RequestContext context)
    {
        var producer = new ProducerIdAndEpoch(request.ProducerId, request.ProducerEpoch);
        ErrorCode error = await transactions.AddPartitionsAsync(request.TransactionalId, producer, [offsetsPartitionOf(request.GroupId)]);
        return new AddOffsetsToTxnResponse { ErrorCode = TransactionErrors.ForAddPartitions(error, context.ApiVersion) };
    }
}
