using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// A stretch of a partition's log: a file of batches and its indexes. One thread appends, under the partition's lock; any number read what was published
/// by <see cref="Size"/>. It's counted: who reads or flushes outside the lock acquires it, and the files close, or go, when the last lets go.
/// </summary>
internal sealed class LogSegment
{
    private const int FirstAllocation = 128 << 10;
    private const int AllocationStepMax = 16 << 20;

    /// <summary>Batches up to this size are written over zeros: their flushes are small, so what each costs beside its bytes counts.</summary>
    private const int OverwrittenBytesMax = 64 << 10;

    private static readonly byte[] Zeros = new byte[512 << 10];

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly string _suffix;
    private readonly IFile _log;
    private volatile int _size;
    private long _allocated;
    private long _written;
    private bool _isTailDirty;
    private int _references = 1;
    private volatile bool _isDeleted;

    /// <param name="suffix">After every file's name, while compaction writes it; otherwise empty.</param>
    public LogSegment(IFileSystem files, string directory, long baseOffset, string suffix = "")
    {
        (_files, _directory, _suffix, BaseOffset) = (files, directory, suffix, baseOffset);
        _log = files.Open(SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.Log + suffix), FileAccessKind.ReadWrite);
        _allocated = _log.Length;
        Indexes = new SegmentIndexes(files, directory, baseOffset, suffix);
    }

    public long BaseOffset { get; }

    /// <summary>Bytes of batches. The file may be longer: what follows is zeros.</summary>
    public int Size => _size;

    /// <summary>Bytes of the file itself.</summary>
    public long FileLength => _log.Length;

    public string LogPath => _log.Path;

    public IFile LogFile => _log;

    public SegmentIndexes Indexes { get; }

    /// <summary>The youngest record's time in milliseconds; -1 without records.</summary>
    public long MaxTimestamp { get; private set; } = -1;

    /// <summary>Last offset of the batch that has it.</summary>
    public long OffsetOfMaxTimestamp { get; private set; } = -1;

    /// <summary>Time of the first batch, from which segment.ms counts; -1 without one.</summary>
    public long FirstTimestamp { get; private set; } = -1;

    /// <summary>Writes a batch at the end and makes it readable.</summary>
    /// <exception cref="IOException">The disk refused; the segment is as it was.</exception>
    public void Append(ReadOnlySpan<byte> batch, int indexIntervalBytes, bool isPreallocated)
    {
        int position = _size;
        try
        {
            CutDirtyTail();
            if (isPreallocated)
            {
                Allocate(position + batch.Length);
                WriteAhead(position, batch.Length);
            }

            _log.Write(batch, position);
            _written = Math.Max(_written, position + batch.Length);
        }
        catch (IOException)
        {
            _isTailDirty = true;
            CutDirtyTail();
            throw;
        }

        _allocated = Math.Max(_allocated, position + batch.Length);
        Note(new RecordBatchHeader(batch), position, indexIntervalBytes);
    }

    /// <summary>Takes a batch that is in the file already into the indexes and the size; recovery walks the file with it.</summary>
    public void Note(RecordBatchHeader header, int position, int indexIntervalBytes)
    {
        if (header.MaxTimestamp > MaxTimestamp)
        {
            (MaxTimestamp, OffsetOfMaxTimestamp) = (header.MaxTimestamp, header.LastOffset);
        }

        if (position == 0)
        {
            FirstTimestamp = header.MaxTimestamp;
        }

        int size = (int)header.SizeInBytes;
        var youngest = new TimeIndexEntry(MaxTimestamp, (int)(OffsetOfMaxTimestamp - BaseOffset));
        Indexes.Note(new((int)(header.LastOffset - BaseOffset), position), size, youngest, indexIntervalBytes);
        _size = position + size;
    }

    /// <summary>Takes an ended segment as its files describe it, without a walk through the batches. False where its indexes can't be used.</summary>
    public bool TryUseFiles()
    {
        if (_log.Length == 0)
        {
            return true;
        }

        if (!Indexes.TryUseFiles(_log))
        {
            return false;
        }

        _size = (int)_log.Length;
        TimeIndexEntry last = Indexes.Times.Last;
        if (last.Timestamp >= 0)
        {
            (MaxTimestamp, OffsetOfMaxTimestamp) = (last.Timestamp, BaseOffset + last.RelativeOffset);
        }

        Span<byte> first = stackalloc byte[RecordBatchHeader.Size];
        if (_log.Read(first, 0) == first.Length)
        {
            FirstTimestamp = new RecordBatchHeader(first).MaxTimestamp;
        }

        return true;
    }

    /// <summary>Finds the batch that holds an offset, or the first one after it. False if all are before.</summary>
    public bool TryLocate(long offset, out BatchPlace place)
    {
        int relative = (int)Math.Clamp(offset - BaseOffset, 0, int.MaxValue);
        int from = Indexes.Offsets.TryFindFloor(relative, out OffsetIndexEntry entry) && Indexes.LeadsToBatch(entry, _log) ? entry.Position : 0;
        Span<byte> buffer = stackalloc byte[BatchWalk.BufferSize];
        var walk = new BatchWalk(_log, from, _size, buffer);
        while (walk.Read())
        {
            if (walk.Current.LastOffset >= offset)
            {
                place = walk.Current;
                return true;
            }
        }

        place = default;
        return false;
    }

    /// <summary>Gives back what was allocated ahead and writes the indexes. Durable after <see cref="Sync"/>.</summary>
    public void SaveFiles()
    {
        CutTo(_size);
        if (MaxTimestamp >= 0)
        {
            Indexes.Times.AddIfYounger(new(MaxTimestamp, (int)(OffsetOfMaxTimestamp - BaseOffset)));
        }

        Indexes.Save();
    }

    public void Sync(bool withIndexes)
    {
        _log.SyncData();
        if (withIndexes)
        {
            Indexes.Sync();
        }
    }

    /// <summary>Forgets indexes and size, for a walk through the file that makes them anew.</summary>
    public void Reset()
    {
        Indexes.Reset();
        _size = 0;
        (MaxTimestamp, OffsetOfMaxTimestamp, FirstTimestamp) = (-1, -1, -1);
    }

    public void CutTo(long length)
    {
        if (_log.Length != length)
        {
            _log.SetLength(length);
        }

        _allocated = length;
        _written = Math.Min(_written, length);
    }

    /// <summary>False once the owner has let go and nobody else holds it: its files may be gone.</summary>
    public bool TryAcquire()
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    /// <summary>Lets go; the owner does so once. The last one closes the files, and removes them after <see cref="Delete"/>.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
        {
            return;
        }

        _log.Dispose();
        Indexes.Dispose();
        if (_isDeleted)
        {
            DeleteFiles(_files, _directory, BaseOffset, _suffix);
        }
    }

    /// <summary>The owner lets go for good.</summary>
    public void Delete()
    {
        _isDeleted = true;
        Release();
    }

    /// <summary>Removes a segment's files. The log is last: what is found without indexes is still a log.</summary>
    public static void DeleteFiles(IFileSystem files, string directory, long baseOffset, string suffix = "")
    {
        foreach (string kind in (string[])[SegmentFiles.OffsetIndex, SegmentFiles.TimeIndex, SegmentFiles.TransactionIndex, SegmentFiles.Log])
        {
            files.DeleteFile(SegmentFiles.PathOf(directory, baseOffset, kind + suffix));
        }
    }

    /// <summary>
    /// Grows the file ahead of the writes, twice as far each time, so that a flush seldom has a new length to write down. A full disk is found here, before
    /// anything is written.
    /// </summary>
    private void Allocate(int needed)
    {
        if (needed <= _allocated)
        {
            return;
        }

        long length = Math.Min(needed + Math.Clamp(_allocated, FirstAllocation, AllocationStepMax), int.MaxValue);
        try
        {
            _isTailDirty = true;
            _log.Preallocate(length);
        }
        catch (IOException)
        {
            // There may still be room for this batch alone.
            CutTo(_size);
            length = needed;
            _log.Preallocate(length);
        }

        _isTailDirty = false;
        _allocated = length;
    }

    /// <summary>
    /// Writes zeros ahead of small batches. Allocated blocks are only marked as unwritten; the flush of a first write into them has to change that in the file
    /// system's journal, which takes about as long again as the flush of the bytes.
    /// </summary>
    private void WriteAhead(int position, int needed)
    {
        if (needed <= OverwrittenBytesMax && position + needed > _written)
        {
            long from = Math.Max(position, _written);
            int length = (int)Math.Min(Zeros.Length, _allocated - from);
            _log.Write(Zeros.AsSpan(0, length), from);
            _written = from + length;
        }
    }

    /// <summary>After a failed write: what of it got into the file must not be found behind the next batch.</summary>
    private void CutDirtyTail()
    {
        if (_isTailDirty)
        {
            CutTo(_size);
            _isTailDirty = false;
        }
    }
}
