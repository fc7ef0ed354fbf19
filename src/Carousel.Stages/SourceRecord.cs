namespace Carousel.Stages;

/// <summary>A partition of a topic that a stage reads.</summary>
public readonly record struct SourcePartition(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}-{Partition}";
}

/// <summary>A record as the log holds it. Its arrays are shared by everybody who holds the record: read them, never write them.</summary>
/// <param name="Timestamp">UTC, millisecond precision.</param>
public sealed record SourceRecord(
    SourcePartition Partition,
    long Offset,
    DateTime Timestamp,
    byte[]? Key,
    byte[]? Value,
    IReadOnlyList<RecordHeader> Headers)
{
    /// <summary>What the record takes in memory, roughly: the unit of the stage's byte bound.</summary>
    public int SizeBytes
    {
        get
        {
            int bytes = (Key?.Length ?? 0) + (Value?.Length ?? 0);
            for (int i = 0; i < Headers.Count; i++)
            {
                bytes += Headers[i].SizeBytes;
            }

            return bytes;
        }
    }

    /// <summary>The value of the last header of that name, or null.</summary>
    public byte[]? HeaderValue(string name)
    {
        for (int i = Headers.Count - 1; i >= 0; i--)
        {
            if (Headers[i].Name == name)
            {
                return Headers[i].Value;
            }
        }

        return null;
    }
}

public readonly record struct RecordHeader(string Name, byte[]? Value)
{
    internal int SizeBytes => Name.Length + (Value?.Length ?? 0);
}

/// <summary>A record that a stage writes, in the same transaction as the offset of the record it comes from.</summary>
/// <param name="Partition">Null: chosen by the key's murmur2 hash, as Kafka's own clients do.</param>
public sealed record OutputRecord(string Topic, int? Partition, byte[]? Key, byte[]? Value, IReadOnlyList<RecordHeader> Headers);
