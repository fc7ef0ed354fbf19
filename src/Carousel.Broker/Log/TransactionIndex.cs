using System.Buffers.Binary;

namespace Carousel.Broker.Log;

/// <summary>
/// The aborted transactions whose markers are in a segment, in the order of the markers; entries of 34 bytes:
/// <c>version i16=0 | producerId i64 | firstOffset i64 | lastOffset i64 | lastStableOffset i64</c> (Kafka's <c>AbortedTxn</c>). There is no file while
/// there are none. Aborts are rare, so all of them are kept in memory.
/// </summary>
internal sealed class TransactionIndex(IFileSystem files, string path)
{
    public const int EntrySize = 34;

    private volatile AbortedTransaction[] _entries = [];
    private volatile int _count;

    /// <summary>One thread adds, others read: an entry is in place before the count includes it.</summary>
    public ReadOnlySpan<AbortedTransaction> Entries
    {
        get
        {
            int count = _count;
            return _entries.AsSpan(0, count);
        }
    }

    /// <summary>Takes what the file has. False where its bytes can't be right.</summary>
    public bool TryLoad(long baseOffset)
    {
        if (!files.FileExists(path))
        {
            Reset();
            return true;
        }

        ReadOnlySpan<byte> bytes = SmallFile.Read(files, path);
        var entries = new AbortedTransaction[bytes.Length / EntrySize];
        bool isSane = bytes.Length % EntrySize == 0;
        for (int index = 0; index < entries.Length; index++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(index * EntrySize, EntrySize);
            entries[index] = new(
                BinaryPrimitives.ReadInt64BigEndian(entry[2..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[10..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[18..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[26..]));
            isSane &= BinaryPrimitives.ReadInt16BigEndian(entry) == 0
                && entries[index].LastOffset >= (index == 0 ? baseOffset : entries[index - 1].LastOffset + 1)
                && entries[index].FirstOffset <= entries[index].LastOffset;
        }

        _entries = entries;
        _count = entries.Length;
        return isSane;
    }

    /// <summary>Adds an entry to the memory; <see cref="Save"/> writes the file when the segment is sealed or closed.</summary>
    public void Add(AbortedTransaction transaction)
    {
        AbortedTransaction[] entries = _entries;
        if (_count == entries.Length)
        {
            Array.Resize(ref entries, Math.Max(16, entries.Length * 2));
            _entries = entries;
        }

        entries[_count] = transaction;
        _count++;
    }

    public void Reset()
    {
        _count = 0;
        _entries = [];
    }

    /// <summary>Writes the file anew, durable after <see cref="Sync"/>; removes it where there are no entries.</summary>
    public void Save()
    {
        ReadOnlySpan<AbortedTransaction> entries = Entries;
        if (entries.IsEmpty)
        {
            files.DeleteFile(path);
            return;
        }

        byte[] bytes = new byte[entries.Length * EntrySize];
        for (int index = 0; index < entries.Length; index++)
        {
            Span<byte> entry = bytes.AsSpan(index * EntrySize, EntrySize);
            BinaryPrimitives.WriteInt64BigEndian(entry[2..], entries[index].ProducerId);
            BinaryPrimitives.WriteInt64BigEndian(entry[10..], entries[index].FirstOffset);
            BinaryPrimitives.WriteInt64BigEndian(entry[18..], entries[index].LastOffset);
            BinaryPrimitives.WriteInt64BigEndian(entry[26..], entries[index].LastStableOffset);
        }

        using IFile file = files.Open(path, FileAccessKind.Create);
        file.Write(bytes, 0);
    }

    /// <summary>Leaves a file in any case, so that it can be told whether it was given its name.</summary>
    public void SaveEvenIfEmpty()
    {
        if (_count == 0)
        {
            using IFile file = files.Open(path, FileAccessKind.Create);
        }
    }

    public void Sync()
    {
        if (_count > 0)
        {
            using IFile file = files.Open(path, FileAccessKind.ReadWrite);
            file.SyncData();
        }
    }

    /// <summary>Adds to a list those that concern a range of offsets. True if no later segment can have more.</summary>
    public bool Collect(long fetchOffset, long upperBound, List<AbortedTransaction> found)
    {
        foreach (AbortedTransaction transaction in Entries)
        {
            if (transaction.LastOffset >= fetchOffset && transaction.FirstOffset < upperBound)
            {
                found.Add(transaction);
            }

            if (transaction.LastStableOffset >= upperBound)
            {
                return true;
            }
        }

        return false;
    }
}
