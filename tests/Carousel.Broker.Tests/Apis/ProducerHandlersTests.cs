using Carousel.Broker.Apis;
using Carousel.Broker.Partitions;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

public sealed class ProducerHandlersTests : ITransactionMarkers
{
    private readonly List<(TopicPartition Partition, TransactionMarker Marker)> _written = [];

    [Fact]
    public async Task Producers_of_a_partition_are_described_with_what_they_have_open()
    {
        var handler = new DescribeProducersHandler(partition => partition == new TopicPartition("orders", 1)
            ? [new ProducerDescription(7, 2, CoordinatorEpoch: 0, LastSequence: 41, LastTimestamp: 1_000, CurrentTransactionStartOffset: 12)]
            : null);
        DescribeProducersResponse answer = await AskAsync<DescribeProducersRequest, DescribeProducersResponse>(
            handler, new() { Topics = [new() { Name = "orders", PartitionIndexes = [1, 2] }] });
        DescribeProducersResponse.PartitionResponse[] partitions = Assert.Single(answer.Topics).Partitions;
        Assert.Equal((1, ErrorCode.None), (partitions[0].PartitionIndex, partitions[0].ErrorCode));
        DescribeProducersResponse.ProducerState producer = Assert.Single(partitions[0].ActiveProducers);
        Assert.Equal((7L, 2, 0, 41), (producer.ProducerId, producer.ProducerEpoch, producer.CoordinatorEpoch, producer.LastSequence));
        Assert.Equal((1_000L, 12L), (producer.LastTimestamp, producer.CurrentTxnStartOffset));
        Assert.Equal((2, ErrorCode.UnknownTopicOrPartition), (partitions[1].PartitionIndex, partitions[1].ErrorCode));
    }

    /// <summary>A marker of a coordinator that never was would fence the one there is from the partition.</summary>
    [Theory]
    [InlineData(5, 0)]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    public async Task A_marker_never_has_a_higher_coordinator_epoch_than_the_only_coordinator(int requested, int written)
    {
        await AskAsync<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
            new WriteTxnMarkersHandler(this),
            new()
            {
                Markers =
                [
                    new() { ProducerId = 7, ProducerEpoch = 2, CoordinatorEpoch = requested, Topics = [new() { Name = "orders", PartitionIndexes = [3] }] },
                ],
            });
        Assert.Equal(
            (new TopicPartition("orders", 3), new TransactionMarker(new(7, 2), written, IsCommit: false, TransactionVersion.Classic)),
            Assert.Single(_written));
    }

    ValueTask<ErrorCode> ITransactionMarkers.WriteAsync(TopicPartition partition, TransactionMarker marker)
    {
        _written.Add((partition, marker));
        return new(ErrorCode.None);
    }

    private static async Task<TResponse> AskAsync<TRequest, TResponse>(ApiHandler handler, TRequest request)
        where TRequest : class, IRequest
        where TResponse : class, IMessage
    {
        short version = TRequest.Api.VersionMax;
        byte[] body = WireWriter.ToBytes(request, TRequest.Api.IsFlexible(version), version);
        var context = new RequestContext(new RequestHeader((short)TRequest.Api.Key, version, 1, "test"), "/127.0.0.1", CancellationToken.None);
        return Assert.IsType<TResponse>(await handler.HandleAsync(body, context));
    }
}
