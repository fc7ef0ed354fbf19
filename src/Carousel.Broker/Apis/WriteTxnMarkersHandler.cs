using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>
/// WriteTxnMarkers: ends transactions in partitions without the coordinator, as <c>kafka-transactions abort</c> does with one that hangs. Answers when the
/// markers are durable.
/// </summary>
internal sealed class WriteTxnMarkersHandler(ITransactionMarkers markers) : ApiHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>
{
    protected override async ValueTask<WriteTxnMarkersResponse?> HandleAsync(WriteTxnMarkersRequest request, RequestContext context)
    {
        // Every marker is in its log before the first is waited for: one flush serves them all.
        Task<WriteTxnMarkersResponse.WritableTxnMarkerResult>[] results = [.. request.Markers.Select(WriteAsync)];
        return new WriteTxnMarkersResponse { Markers = await Task.WhenAll(results) };
    }

    private async Task<WriteTxnMarkersResponse.WritableTxnMarkerResult> WriteAsync(WriteTxnMarkersRequest.WritableTxnMarker requested)
    {
        var marker = new TransactionMarker(
            new ProducerIdAndEpoch(requested.ProducerId, requested.ProducerEpoch),
            Math.Min(requested.CoordinatorEpoch, TransactionMarker.OnlyCoordinatorEpoch),
            requested.TransactionResult,
            requested.TransactionVersion >= (sbyte)TransactionVersion.EpochBump ? TransactionVersion.EpochBump : TransactionVersion.Classic);
        Task<WriteTxnMarkersResponse.WritableTxnMarkerTopicResult>[] topics = [.. requested.Topics.Select(topic => WriteAsync(topic, marker))];
        return new WriteTxnMarkersResponse.WritableTxnMarkerResult { ProducerId = requested.ProducerId, Topics = await Task.WhenAll(topics) };
    }

    private async Task<WriteTxnMarkersResponse.WritableTxnMarkerTopicResult> WriteAsync(
        WriteTxnMarkersRequest.WritableTxnMarkerTopic topic, TransactionMarker marker)
    {
        Task<ErrorCode>[] errors =
            [.. topic.PartitionIndexes.Select(number => markers.WriteAsync(new TopicPartition(topic.Name, number), marker).AsTask())];
        await Task.WhenAll(errors);
        return new WriteTxnMarkersResponse.WritableTxnMarkerTopicResult
        {
            Name = topic.Name,
            Partitions =
            [
                .. topic.PartitionIndexes.Zip(errors, (number, error) => new WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult
                {
                    PartitionIndex = number,
                    ErrorCode = error.Result,
                }),
            ],
        };
    }
}
