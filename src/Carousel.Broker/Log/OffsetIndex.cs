using System.Buffers.Binary;

namespace Carousel.Broker.Log;

/// <summary>Where a batch begins, by its last offset minus the segment's first.</summary>
internal readonly record struct OffsetIndexEntry(int RelativeOffset, int Position);

/// <summary>A segment's map from offsets to byte positions; entries of 8 bytes: <c>relativeOffset i32 | position i32</c> (Kafka's <c>OffsetIndex</c>).</summary>
internal sealed class OffsetIndex(IFileSystem files, string path) : SparseIndex<OffsetIndexEntry>(files, path, EntrySize)
{
    public const int EntrySize = 8;

    /// <summary>The last entry at or before an offset: where to begin a walk that looks for it. False where it has to begin at the start.</summary>
    public bool TryFindFloor(int relativeOffset, out OffsetIndexEntry entry)
    {
        int before = CountWhile(static (entry, offset) => entry.RelativeOffset <= offset, relativeOffset);
        entry = before == 0 ? default : EntryAt(before - 1);
        return before > 0;
    }

    protected override OffsetIndexEntry Decode(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[4..]));

    protected override void Encode(OffsetIndexEntry entry, Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, entry.RelativeOffset);
        BinaryPrimitives.WriteInt32BigEndian(bytes[4..], entry.Position);
    }
}
