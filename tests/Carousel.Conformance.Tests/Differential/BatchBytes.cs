using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>Record batches (message format 2) written byte by byte, so that they don't depend on the code under test; and what a batch says of itself.</summary>
internal sealed record BatchBytes
{
    private const int HeaderBytes = 61;

    public string?[] Values { get; init; } = ["value"];

    public string? Key { get; init; } = "key";

    public long Timestamp { get; init; } = 1_700_000_000_000;

    public long ProducerId { get; init; } = -1;

    public short ProducerEpoch { get; init; } = -1;

    public int BaseSequence { get; init; } = -1;

    public short Attributes { get; init; }

    public sbyte Magic { get; init; } = 2;

    /// <summary>Added to the right number of records.</summary>
    public int CountError { get; init; }

    /// <summary>Added to the right checksum.</summary>
    public uint CrcError { get; init; }

    public const short Transactional = 0x10;

    public const short Control = 0x20;

    public byte[] ToArray()
    {
        byte[] records = [.. Values.SelectMany((value, i) => Record(i, value))];
        byte[] batch = new byte[HeaderBytes + records.Length];
        Span<byte> span = batch;
        BinaryPrimitives.WriteInt32BigEndian(span[8..], batch.Length - 12);
        BinaryPrimitives.WriteInt32BigEndian(span[12..], -1);
        span[16] = (byte)Magic;
        BinaryPrimitives.WriteInt16BigEndian(span[21..], Attributes);
        BinaryPrimitives.WriteInt32BigEndian(span[23..], Values.Length - 1);
        BinaryPrimitives.WriteInt64BigEndian(span[27..], Timestamp);
        BinaryPrimitives.WriteInt64BigEndian(span[35..], Timestamp + Values.Length - 1);
        BinaryPrimitives.WriteInt64BigEndian(span[43..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(span[51..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(span[53..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(span[57..], Values.Length + CountError);
        records.CopyTo(span[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32BigEndian(span[17..], Crc32C(span[21..]) + CrcError);
        return batch;
    }

    /// <summary>A line for each whole batch: what two brokers must agree on, so without producer id, times and leader epoch.</summary>
    public static IEnumerable<string> Describe(ReadOnlyMemory<byte> batches)
    {
        while (batches.Length >= HeaderBytes)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(batches.Span[8..]) + 12;
            if (size > batches.Length)
            {
                yield break;
            }

            ReadOnlySpan<byte> head = batches.Span;
            yield return $"offset {BinaryPrimitives.ReadInt64BigEndian(head)}, {BinaryPrimitives.ReadInt32BigEndian(head[57..])} records to +{BinaryPrimitives.ReadInt32BigEndian(head[23..])}, "
                + $"attributes {BinaryPrimitives.ReadInt16BigEndian(head[21..]):x}, {size} bytes, epoch {BinaryPrimitives.ReadInt16BigEndian(head[51..])}, "
                + $"sequence {BinaryPrimitives.ReadInt32BigEndian(head[53..])}, records {Convert.ToHexString(head[HeaderBytes..Math.Min(size, HeaderBytes + 12)])}";
            batches = batches[size..];
        }
    }

    /// <summary><c>Record => length attributes timestampDelta offsetDelta keyLength key valueLength value headersCount</c>, all lengths zigzag varints.</summary>
    private byte[] Record(int index, string? value)
    {
        byte[] body = [0, .. Varint(index), .. Varint(index), .. Text(Key), .. Text(value), 0];
        return [.. Varint(body.Length), .. body];
    }

    private static byte[] Text(string? text) => text is null ? Varint(-1) : [.. Varint(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        uint rest = (uint)((value << 1) ^ (value >> 31));
        for (; rest >= 0x80; rest >>= 7)
        {
            bytes.Add((byte)(rest | 0x80));
        }

        return [.. bytes, (byte)rest];
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte next in bytes)
        {
            crc = BitOperations.Crc32C(crc, next);
        }

        return ~crc;
    }
}
