using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>The three indexes of a segment, which are written, flushed and replaced together.</summary>
internal sealed class SegmentIndexes(IFileSystem files, string directory, long baseOffset, string suffix) : IDisposable
{
    private int _bytesSinceEntry;

    public OffsetIndex Offsets { get; } = new(files, SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.OffsetIndex + suffix));

    public TimeIndex Times { get; } = new(files, SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.TimeIndex + suffix));

    public TransactionIndex Aborts { get; } = new(files, SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.TransactionIndex + suffix));

    /// <summary>The larger of the two that grow with the log.</summary>
    public int SizeInBytes => Math.Max(Offsets.SizeInBytes, Times.SizeInBytes);

    /// <summary>Counts a batch, and notes it once enough bytes have passed since the last entry.</summary>
    /// <param name="youngest">The youngest record so far, this batch included.</param>
    public void Note(OffsetIndexEntry batch, int sizeInBytes, TimeIndexEntry youngest, int intervalBytes)
    {
        if (_bytesSinceEntry > intervalBytes)
        {
            Offsets.Add(batch);
            Times.AddIfYounger(youngest);
            _bytesSinceEntry = 0;
        }

        _bytesSinceEntry += sizeInBytes;
    }

    /// <summary>Uses the files as they were sealed. False where one of them can't be what was written, or belongs to another log.</summary>
    public bool TryUseFiles(IFile log) => Offsets.TryUseFile() && Times.TryUseFile() && Aborts.TryLoad(baseOffset) && Fit(log);

    /// <summary>An index that was changed on disk must cost time, not records: an entry is followed only to the batch that it names.</summary>
    public bool LeadsToBatch(OffsetIndexEntry entry, IFile log)
    {
        Span<byte> bytes = stackalloc byte[RecordBatchHeader.Size];
        return entry.Position >= 0
            && log.Read(bytes, entry.Position) == bytes.Length
            && new RecordBatchHeader(bytes).LastOffset == baseOffset + entry.RelativeOffset;
    }

    /// <summary>Writes all three; durable after <see cref="Sync"/>.</summary>
    public void Save()
    {
        Offsets.Save();
        Times.Save();
        Aborts.Save();
    }

    public void Sync()
    {
        Offsets.Sync();
        Times.Sync();
        Aborts.Sync();
    }

    /// <summary>From here on the files answer.</summary>
    public void Seal()
    {
        Offsets.Seal();
        Times.Seal();
    }

    /// <summary>Takes the files' entries into memory, to be added to.</summary>
    public void Unseal()
    {
        Offsets.Unseal();
        Times.Unseal();
    }

    /// <summary>Opens the files, so that whoever still reads this segment keeps them when others take their names.</summary>
    public void KeepOpen()
    {
        Offsets.KeepOpen();
        Times.KeepOpen();
    }

    public void Reset()
    {
        Offsets.Reset();
        Times.Reset();
        Aborts.Reset();
        _bytesSinceEntry = 0;
    }

    public void Dispose()
    {
        Offsets.Dispose();
        Times.Dispose();
    }

    /// <summary>The last entry names a batch that is there, so the index belongs to this log.</summary>
    private bool Fit(IFile log) => Offsets.Count == 0 ? Times.Count > 0 : LeadsToBatch(Offsets.EntryAt(Offsets.Count - 1), log);
}
