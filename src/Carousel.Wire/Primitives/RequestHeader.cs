using System.Buffers.Binary;

namespace Carousel.Wire;

/// <summary>What stands before the body of every request.</summary>
/// <param name="ClientId">Empty when the client gave none.</param>
public readonly record struct RequestHeader(short ApiKey, short ApiVersion, int CorrelationId, string ClientId)
{
    /// <summary>Bytes of the fields that every version has, and so the least that a request has.</summary>
    public const int FixedBytes = 8;

    /// <summary>
    /// <c>RequestHeader v1/v2 => api_key INT16 api_version INT16 correlation_id INT32 client_id NULLABLE_STRING [tags]</c>. The client id is never a
    /// compact string, not even in v2 (KIP-482).
    /// </summary>
    /// <param name="isFlexible">Whether the version of the API named by key and version is a flexible one; null where that API isn't known.</param>
    /// <returns>The header, and the body behind it; empty where the API isn't known.</returns>
    /// <exception cref="WireFormatException"/>
    public static (RequestHeader Header, ReadOnlyMemory<byte> Body) Read(ReadOnlyMemory<byte> frame, Func<short, short, bool?> isFlexible)
    {
        if (frame.Length < FixedBytes)
        {
            throw new WireFormatException($"A request of {frame.Length} bytes is shorter than its header.");
        }

        ReadOnlySpan<byte> span = frame.Span;
        short key = BinaryPrimitives.ReadInt16BigEndian(span);
        short version = BinaryPrimitives.ReadInt16BigEndian(span[2..]);
        int correlationId = BinaryPrimitives.ReadInt32BigEndian(span[4..]);
        if (isFlexible(key, version) is not { } flexible)
        {
            return (new RequestHeader(key, version, correlationId, ""), default);
        }

        var reader = new WireReader(frame[FixedBytes..], isFlexible: false);
        string clientId = reader.NullableString("client_id", null) ?? "";
        ReadOnlyMemory<byte> rest = frame[(FixedBytes + reader.Position)..];
        if (flexible)
        {
            var tags = new WireReader(rest, isFlexible: true);
            tags.EndStruct(NoFields.Instance, version: 0);
            rest = rest[tags.Position..];
        }

        return (new RequestHeader(key, version, correlationId, clientId), rest);
    }

    private sealed class NoFields : IMessage
    {
        public static readonly NoFields Instance = new();

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct => visitor.EndStruct(this, version);
    }
}
