using Carousel.Wire;

namespace Carousel.Broker.StateTopics;

/// <summary>One change of a coordinator's state. Without a value it's a tombstone: the key is gone.</summary>
internal readonly record struct StateRecord(byte[] Key, byte[]? Value);

/// <summary>The producer in whose transaction records are written: they count once its commit marker follows.</summary>
internal readonly record struct ProducerStamp(long ProducerId, short ProducerEpoch);

/// <summary>What became of an append to a state topic.</summary>
/// <param name="Error">None, or why nothing was written.</param>
/// <param name="BaseOffset">Offset of the first record.</param>
/// <param name="LastOffset">Offset of the last record; the append is safe once <see cref="StateTopic.WaitUntilDurableAsync"/> has let it pass.</param>
internal readonly record struct StateAppend(ErrorCode Error, long BaseOffset, long LastOffset)
{
    public static StateAppend Failed(ErrorCode error) => new(error, -1, -1);
}

/// <summary>What a state topic holds at one offset: a record of a coordinator, or the marker that ends a producer's transaction.</summary>
/// <param name="ProducerId">-1 outside of transactions.</param>
internal abstract record StateRecordRead(long Offset, long ProducerId, short ProducerEpoch)
{
    /// <param name="IsTransactional">It counts only if a commit marker of the same producer follows.</param>
    /// <param name="Key">Valid during the visit.</param>
    /// <param name="Value">Valid during the visit; null for a tombstone.</param>
    internal sealed record Data(
        long Offset, long ProducerId, short ProducerEpoch, bool IsTransactional, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value)
        : StateRecordRead(Offset, ProducerId, ProducerEpoch);

    internal sealed record Marker(long Offset, long ProducerId, short ProducerEpoch, bool IsCommit, int CoordinatorEpoch)
        : StateRecordRead(Offset, ProducerId, ProducerEpoch);
}
