namespace Carousel.Stages.Engine;

/// <summary>
/// Bounds what a stage holds in memory: records fetched and not yet let go, by count and bytes. Intake adds, the commit loop releases.
/// A record that is larger than the whole window still gets in when the window is empty.
/// </summary>
internal sealed class Window(int recordsMax, int bytesMax)
{
    private long _records;
    private long _bytes;

    /// <summary>Set whenever something was released, or there is another reason to look.</summary>
    public Signal Released { get; } = new();

    public long Records => Interlocked.Read(ref _records);

    public long Bytes => Interlocked.Read(ref _bytes);

    public bool IsFull => Records >= recordsMax || Bytes >= bytesMax;

    /// <summary>Below this intake resumes after a pause; half, so that it doesn't flutter.</summary>
    public bool IsHalfEmpty => Records <= recordsMax / 2 && Bytes <= bytesMax / 2;

    public void Add(RecordSlot slot)
    {
        Interlocked.Increment(ref _records);
        Interlocked.Add(ref _bytes, slot.SizeBytes);
    }

    public void Release(RecordSlot slot)
    {
        Interlocked.Decrement(ref _records);
        Interlocked.Add(ref _bytes, -slot.SizeBytes);
        Released.Set();
    }

    public void Release(IReadOnlyCollection<RecordSlot> slots)
    {
        long bytes = 0;
        foreach (RecordSlot slot in slots)
        {
            bytes += slot.SizeBytes;
        }

        Interlocked.Add(ref _records, -slots.Count);
        Interlocked.Add(ref _bytes, -bytes);
        Released.Set();
    }
}
