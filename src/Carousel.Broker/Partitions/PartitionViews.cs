using Carousel.Wire;

namespace Carousel.Broker.Partitions;

/// <summary>A record found by its time. Offset -1 and timestamp -1: there is none.</summary>
/// <param name="Error">Why nothing could be looked up; None otherwise, found or not.</param>
internal readonly record struct TimestampOffset(long Timestamp, long Offset, ErrorCode Error = ErrorCode.None)
{
    public static readonly TimestampOffset None = new(-1, -1);
}

/// <summary>Where a leader epoch ends (OffsetForLeaderEpoch); both -1 for an epoch nobody knows.</summary>
internal readonly record struct EpochEndOffset(int LeaderEpoch, long EndOffset);

/// <summary>A producer that a partition remembers (DescribeProducers).</summary>
/// <param name="LastSequence">-1 where it wrote no sequence.</param>
/// <param name="LastTimestamp">Of its last batch, in milliseconds; -1 where unknown.</param>
/// <param name="CurrentTransactionStartOffset">First offset of its open transaction; -1 without one.</param>
internal readonly record struct ProducerDescription(
    long ProducerId, short ProducerEpoch, int CoordinatorEpoch, int LastSequence, long LastTimestamp, long CurrentTransactionStartOffset);

/// <summary>Why a partition serves nobody: what is wrong with its files, and where.</summary>
internal sealed record PartitionFault(string File, long Position, string Reason)
{
    public override string ToString() => Position < 0 ? $"{File}: {Reason}" : $"{File} at byte {Position}: {Reason}";
}
