namespace Carousel.Broker.Log;

/// <summary>
/// The ascending entries of a segment's index. The segment that is written keeps them in memory; a sealed one reads its file, so that a long log takes no
/// memory. One thread adds; any number look up meanwhile, without a lock: an entry is in place before the count includes it.
/// </summary>
internal abstract class SparseIndex<TEntry>(IFileSystem files, string path, int entrySize) : IDisposable
    where TEntry : struct
{
    private const int CapacityMin = 16;

    private readonly Lock _opening = new();
    private volatile TEntry[]? _entries = [];
    private volatile IFile? _file;
    private volatile int _count;

    public int Count => _count;

    public int SizeInBytes => _count * entrySize;

    protected string Path => path;

    /// <summary>Uses the file's entries, as they were sealed. False where there is no file of whole entries.</summary>
    public bool TryUseFile()
    {
        if (!files.FileExists(path))
        {
            return false;
        }

        using IFile file = files.Open(path, FileAccessKind.Read);
        bool isWhole = file.Length % entrySize == 0;
        if (isWhole)
        {
            _count = (int)(file.Length / entrySize);
            _entries = null;
        }

        return isWhole;
    }

    public void Add(TEntry entry)
    {
        TEntry[] entries = _entries ?? throw new InvalidOperationException($"{path} is sealed.");
        if (_count == entries.Length)
        {
            Array.Resize(ref entries, Math.Max(CapacityMin, entries.Length * 2));
            _entries = entries;
        }

        entries[_count] = entry;
        _count++;
    }

    public TEntry EntryAt(int index)
    {
        if (_entries is { } entries)
        {
            return entries[index];
        }

        Span<byte> bytes = stackalloc byte[entrySize];
        long position = (long)index * entrySize;
        return OpenFile().Read(bytes, position) == entrySize
            ? Decode(bytes)
            : throw new LogCorruptException(path, position, "the index ends before its last entry");
    }

    /// <summary>Writes the file anew; durable after <see cref="Sync"/>. The entries stay in memory until <see cref="Seal"/>.</summary>
    public void Save()
    {
        byte[] bytes = new byte[SizeInBytes];
        for (int index = 0; index < _count; index++)
        {
            Encode(EntryAt(index), bytes.AsSpan(index * entrySize));
        }

        using IFile file = files.Open(path, FileAccessKind.Create);
        file.Write(bytes, 0);
    }

    public void Sync()
    {
        using IFile file = files.Open(path, FileAccessKind.ReadWrite);
        file.SyncData();
    }

    /// <summary>From here on the saved file answers, and the memory is given back.</summary>
    public void Seal() => _entries = null;

    /// <summary>Opens the sealed file for good.</summary>
    public void KeepOpen() => _ = OpenFile();

    /// <summary>Takes the file's entries into memory, to be added to.</summary>
    public void Unseal()
    {
        var entries = new TEntry[Math.Max(CapacityMin, _count)];
        for (int index = 0; index < _count; index++)
        {
            entries[index] = EntryAt(index);
        }

        Dispose();
        _entries = entries;
    }

    public void Reset()
    {
        Dispose();
        _count = 0;
        _entries = [];
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    protected abstract TEntry Decode(ReadOnlySpan<byte> bytes);

    protected abstract void Encode(TEntry entry, Span<byte> bytes);

    /// <summary>How many entries, from the first, meet a condition that no later one meets once one doesn't.</summary>
    protected int CountWhile<TArgument>(Func<TEntry, TArgument, bool> isBefore, TArgument argument)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (isBefore(EntryAt(middle), argument))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private IFile OpenFile()
    {
        if (_file is { } open)
        {
            return open;
        }

        lock (_opening)
        {
            return _file ??= files.Open(path, FileAccessKind.Read);
        }
    }
}
