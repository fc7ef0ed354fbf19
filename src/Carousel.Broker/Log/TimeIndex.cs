using System.Buffers.Binary;

namespace Carousel.Broker.Log;

/// <summary>No record up to this offset is younger than the timestamp.</summary>
/// <param name="RelativeOffset">Last offset of the batch that has the timestamp, minus the segment's first.</param>
internal readonly record struct TimeIndexEntry(long Timestamp, int RelativeOffset);

/// <summary>A segment's map from times to offsets; entries of 12 bytes: <c>timestamp i64 | relativeOffset i32</c>, both ascending (Kafka's <c>TimeIndex</c>).</summary>
internal sealed class TimeIndex(IFileSystem files, string path) : SparseIndex<TimeIndexEntry>(files, path, EntrySize)
{
    public const int EntrySize = 12;

    /// <summary>The last entry; of timestamp -1 while there is none.</summary>
    public TimeIndexEntry Last => Count == 0 ? new(-1, 0) : EntryAt(Count - 1);

    public void AddIfYounger(TimeIndexEntry entry)
    {
        if (entry.Timestamp > Last.Timestamp)
        {
            Add(entry);
        }
    }

    /// <summary>Where to begin a walk that looks for the first record of a time or later: everything up to this offset is older.</summary>
    public int RelativeOffsetBefore(long timestamp)
    {
        int before = CountWhile(static (entry, time) => entry.Timestamp < time, timestamp);
        return before == 0 ? 0 : EntryAt(before - 1).RelativeOffset;
    }

    protected override TimeIndexEntry Decode(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]));

    protected override void Encode(TimeIndexEntry entry, Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, entry.Timestamp);
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], entry.RelativeOffset);
    }
}
