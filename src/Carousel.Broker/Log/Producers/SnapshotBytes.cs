using System.Buffers;
using System.Buffers.Binary;

namespace Carousel.Broker.Log;

/// <summary>Writes big-endian numbers one after another.</summary>
internal sealed class SnapshotWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    public void Byte(byte value) => Next(sizeof(byte))[0] = value;

    public void Short(short value) => BinaryPrimitives.WriteInt16BigEndian(Next(sizeof(short)), value);

    public void Int(int value) => BinaryPrimitives.WriteInt32BigEndian(Next(sizeof(int)), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Next(sizeof(long)), value);

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private Span<byte> Next(int size)
    {
        Span<byte> span = _bytes.GetSpan(size)[..size];
        _bytes.Advance(size);
        return span;
    }
}

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote. Past the end everything is 0 and it's no longer sound.</summary>
internal ref struct SnapshotReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public bool IsSound { get; private set; } = true;

    public readonly bool IsAtEnd => IsSound && _left.IsEmpty;

    public byte Byte() => Next(sizeof(byte))[0];

    public short Short() => BinaryPrimitives.ReadInt16BigEndian(Next(sizeof(short)));

    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Next(sizeof(int)));

    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Next(sizeof(long)));

    private ReadOnlySpan<byte> Next(int size)
    {
        if (_left.Length < size)
        {
            IsSound = false;
            return [0, 0, 0, 0, 0, 0, 0, 0];
        }

        ReadOnlySpan<byte> next = _left[..size];
        _left = _left[size..];
        return next;
    }
}
