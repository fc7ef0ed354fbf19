using System.Buffers.Binary;

namespace Carousel.Orders.Avro;

/// <summary>Confluent's wire format: <c>magic: 1 byte, 0 | schema id: int32, big-endian | Avro body</c>.</summary>
public static class WireFormat
{
    public const int HeaderBytes = 1 + sizeof(int);
    private const byte Magic = 0;

    public static void WriteHeader(Span<byte> destination, int schemaId)
    {
        destination[0] = Magic;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], schemaId);
    }

    /// <summary>Splits a value. On false <paramref name="defect"/> says what is wrong with it.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> value, out int schemaId, out ReadOnlyMemory<byte> body, out string defect)
    {
        (schemaId, body, defect) = (0, default, "");
        if (value.Length < HeaderBytes)
        {
            defect = $"the value has {value.Length} bytes, fewer than the {HeaderBytes} of the wire format's header";
            return false;
        }

        if (value.Span[0] != Magic)
        {
            defect = $"the value starts with byte {value.Span[0]}, not with the wire format's 0";
            return false;
        }

        schemaId = BinaryPrimitives.ReadInt32BigEndian(value.Span[1..]);
        body = value[HeaderBytes..];
        return true;
    }
}
