namespace Carousel.Stages.Log.InMemory;

/// <summary>
/// One partition: records and transaction markers, each at its offset. Guarded by the log's lock.
/// Invariant: nothing at or above the last stable offset is read, and nothing below it changes.
/// </summary>
internal sealed class InMemoryPartition(SourcePartition id)
{
    private readonly List<Entry> _entries = [];
    private int _stable;

    public SourcePartition Id { get; } = id;

    public long EndOffset => _entries.Count;

    /// <summary>The first offset that can still be read.</summary>
    public long StartOffset { get; private set; }

    /// <summary>The offset of the first record whose transaction is open, or the end.</summary>
    public long LastStableOffset
    {
        get
        {
            while (_stable < _entries.Count && _entries[_stable].Transaction is not { State: TransactionState.Open })
            {
                _stable++;
            }

            return _stable;
        }
    }

    /// <param name="transaction">Null: the record is committed as it is written.</param>
    public long Append(OutputRecord record, DateTime timestamp, Transaction? transaction)
    {
        long offset = _entries.Count;
        _entries.Add(new Entry(new SourceRecord(Id, offset, timestamp, record.Key, record.Value, record.Headers), transaction));
        return offset;
    }

    /// <summary>A transaction's end takes an offset in each partition that it wrote to, as Kafka's control batches do.</summary>
    public void AppendMarker() => _entries.Add(new Entry(null, null));

    /// <summary>Reads committed records from the position on, so many at most, and says where to go on: past markers and aborted records.</summary>
    public (List<SourceRecord> Records, long Position) Read(long position, int countMax)
    {
        var records = new List<SourceRecord>();
        long end = LastStableOffset;
        for (position = Math.Max(position, StartOffset); position < end && records.Count < countMax; position++)
        {
            Entry entry = _entries[(int)position];
            if (entry.Record is { } record && entry.Transaction is not { State: TransactionState.Aborted })
            {
                records.Add(record);
            }
        }

        return (records, position);
    }

    public IEnumerable<SourceRecord> ReadUncommitted() => _entries.Skip((int)StartOffset).Select(entry => entry.Record).OfType<SourceRecord>();

    /// <summary>Below the last stable offset only the last committed record of each key stays, and no tombstone does. Offsets stay as they are.</summary>
    public void Compact()
    {
        var kept = new HashSet<string>();
        for (int i = (int)LastStableOffset - 1; i >= 0; i--)
        {
            SourceRecord? record = _entries[i].Transaction is { State: TransactionState.Aborted } ? null : _entries[i].Record;
            if (record is not { Key: { } key } || !kept.Add(Convert.ToHexString(key)) || record.Value is null)
            {
                _entries[i] = default;
            }
        }
    }

    /// <summary>Deletes what is older, as retention does.</summary>
    public void DeleteBefore(long offset) => StartOffset = Math.Clamp(offset, StartOffset, LastStableOffset);

    private readonly record struct Entry(SourceRecord? Record, Transaction? Transaction);
}
