using System.Text;

namespace Carousel.Wire.Records;

/// <summary>One record of a batch, in place. A missing key or value reads as empty: ask <see cref="HasKey"/> and <see cref="HasValue"/>.</summary>
public readonly ref struct RecordView
{
    internal RecordView(long offset, long timestamp, ReadOnlySpan<byte> body, RecordFields fields)
    {
        Offset = offset;
        Timestamp = timestamp;
        Body = body;
        (HasKey, HasValue, HeaderCount) = (fields.KeyLength >= 0, fields.ValueLength >= 0, fields.HeaderCount);
        Key = HasKey ? body.Slice(fields.KeyAt, fields.KeyLength) : default;
        Value = HasValue ? body.Slice(fields.ValueAt, fields.ValueLength) : default;
        HeaderBytes = body[fields.HeadersAt..];
    }

    public long Offset { get; }

    /// <summary>Milliseconds since 1970; the batch's append time where the broker stamps batches.</summary>
    public long Timestamp { get; }

    public bool HasKey { get; }

    public ReadOnlySpan<byte> Key { get; }

    public bool HasValue { get; }

    public ReadOnlySpan<byte> Value { get; }

    public int HeaderCount { get; }

    /// <summary>The headers, one after another: key length varint, key as UTF-8, value length varint (-1: none), value.</summary>
    public ReadOnlySpan<byte> HeaderBytes { get; }

    /// <summary>Everything after the offset delta: key, value and headers as they are encoded. It doesn't depend on the batch that holds the record.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Copies the headers.</summary>
    public IReadOnlyList<RecordHeader> ReadHeaders()
    {
        var headers = new RecordHeader[HeaderCount];
        int position = 0;
        for (int index = 0; index < headers.Length; index++)
        {
            _ = Varint.TryReadInt32(HeaderBytes, ref position, out int keyLength);
            string key = Encoding.UTF8.GetString(HeaderBytes.Slice(position, keyLength));
            position += keyLength;
            _ = Varint.TryReadInt32(HeaderBytes, ref position, out int valueLength);
            headers[index] = new(key, valueLength < 0 ? null : HeaderBytes.Slice(position, valueLength).ToArray());
            position += Math.Max(valueLength, 0);
        }

        return headers;
    }
}

/// <summary>A header of a record.</summary>
public readonly record struct RecordHeader(string Key, byte[]? Value);

/// <summary>Where the parts of a record lie within its body.</summary>
internal readonly record struct RecordFields(int KeyAt, int KeyLength, int ValueAt, int ValueLength, int HeadersAt, int HeaderCount);

/// <summary>
/// Walks the records of a batch; every length is checked before it is believed. Grammar (Kafka's <c>DefaultRecord</c>), all numbers but the attributes varints:
/// <code>record := length attributes:i8 timestampDelta offsetDelta keyLength key valueLength value headerCount (keyLength key valueLength value)*</code>
/// Use: <c>while (reader.Read()) { … reader.Current … }</c>, then ask for the <see cref="Problem"/>.
/// </summary>
public ref struct RecordReader
{
    private readonly RecordBatchHeader _header;
    private readonly ReadOnlySpan<byte> _records;
    private readonly int _recordCount;
    private int _position;
    private int _read;
    private int _lastOffsetDelta;
    private RecordView _current;

    /// <param name="header">Header of the batch.</param>
    /// <param name="records">The batch's records, decompressed.</param>
    public RecordReader(RecordBatchHeader header, ReadOnlySpan<byte> records)
    {
        _header = header;
        _records = records;
        _recordCount = header.RecordCount;
        _lastOffsetDelta = -1;
    }

    /// <summary>The record that <see cref="Read"/> moved to.</summary>
    public readonly RecordView Current => _current;

    /// <summary>Why the walk ended before the last record; null while it's sound.</summary>
    public string? Problem { get; private set; }

    /// <summary>A reader of a whole batch that isn't compressed.</summary>
    public static RecordReader OfUncompressed(ReadOnlySpan<byte> batch) => new(new RecordBatchHeader(batch), batch[RecordBatchHeader.Size..]);

    /// <summary>Moves to the next record. False at the end, and where the bytes aren't records.</summary>
    public bool Read()
    {
        if (Problem is not null || _read >= _recordCount)
        {
            if (Problem is null && _position != _records.Length)
            {
                Problem = $"{_records.Length - _position} bytes follow the last of {_recordCount} records";
            }

            return false;
        }

        Problem = ReadRecord();
        _read++;
        return Problem is null;
    }

    private string? ReadRecord()
    {
        if (!Varint.TryReadInt32(_records, ref _position, out int length) || length < 0 || length > _records.Length - _position)
        {
            return $"record {_read} says that it has {length} bytes, and {_records.Length - _position} are left";
        }

        ReadOnlySpan<byte> record = _records.Slice(_position, length);
        _position += length;
        int position = 1;
        if (!Varint.TryReadInt64(record, ref position, out long timestampDelta) || !Varint.TryReadInt32(record, ref position, out int offsetDelta))
        {
            return $"record {_read} ends before its offset";
        }

        // Compaction leaves gaps, but never changes the order.
        if (offsetDelta <= _lastOffsetDelta || offsetDelta > _header.LastOffsetDelta)
        {
            return $"record {_read} has offset delta {offsetDelta} after {_lastOffsetDelta}, and the last one is {_header.LastOffsetDelta}";
        }

        _lastOffsetDelta = offsetDelta;
        ReadOnlySpan<byte> body = record[position..];
        if (!TryReadFields(body, out RecordFields fields))
        {
            return $"record {_read} has a length that doesn't fit its {length} bytes";
        }

        long timestamp = _header.IsLogAppendTime ? _header.MaxTimestamp : _header.BaseTimestamp + timestampDelta;
        _current = new(_header.BaseOffset + offsetDelta, timestamp, body, fields);
        return null;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> body, out RecordFields fields)
    {
        fields = default;
        int position = 0;
        if (!TrySkip(body, ref position, lengthMin: -1, out int keyAt, out int keyLength)
            || !TrySkip(body, ref position, lengthMin: -1, out int valueAt, out int valueLength)
            || !Varint.TryReadInt32(body, ref position, out int headerCount))
        {
            return false;
        }

        fields = new(keyAt, keyLength, valueAt, valueLength, position, headerCount);

        // A header has two bytes at least, so a count that can't be true is refused before the loop believes it.
        if (headerCount < 0 || headerCount > (body.Length - position) / 2)
        {
            return false;
        }

        for (int index = 0; index < headerCount; index++)
        {
            if (!TrySkip(body, ref position, lengthMin: 0, out _, out _) || !TrySkip(body, ref position, lengthMin: -1, out _, out _))
            {
                return false;
            }
        }

        return position == body.Length;
    }

    private static bool TrySkip(ReadOnlySpan<byte> body, ref int position, int lengthMin, out int start, out int length)
    {
        bool isRead = Varint.TryReadInt32(body, ref position, out length);
        start = position;
        if (!isRead || length < lengthMin || length > body.Length - position)
        {
            return false;
        }

        position += Math.Max(length, 0);
        return true;
    }
}
