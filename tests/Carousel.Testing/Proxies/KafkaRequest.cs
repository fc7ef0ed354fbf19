using System.Buffers.Binary;
using Carousel.Wire;

namespace Carousel.Testing.Proxies;

/// <summary>A request as it goes over the wire; its header begins with api key, version and correlation id, whatever its version (Kafka's RequestHeader).</summary>
/// <param name="Frame">All of it, the four bytes of its size first.</param>
public sealed record KafkaRequest(ApiKey Api, short Version, int CorrelationId, ReadOnlyMemory<byte> Frame)
{
    /// <summary>Size, api key, version, correlation id.</summary>
    private const int HeaderLength = 4 + 2 + 2 + 4;

    /// <exception cref="InvalidDataException">The frame is too short for a request.</exception>
    public static KafkaRequest Parse(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length < HeaderLength)
        {
            throw new InvalidDataException($"A request of {frame.Length} bytes isn't one of Kafka's.");
        }

        ReadOnlySpan<byte> bytes = frame.Span;
        return new KafkaRequest(
            (ApiKey)BinaryPrimitives.ReadInt16BigEndian(bytes[4..]), BinaryPrimitives.ReadInt16BigEndian(bytes[6..]), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]), frame);
    }
}

/// <summary>The broker's answer to a request.</summary>
/// <param name="Frame">All of it, the four bytes of its size first, then the correlation id.</param>
public sealed record KafkaReply(KafkaRequest Request, ReadOnlyMemory<byte> Frame)
{
    /// <summary>Of an EndTxn, whose response is throttle time and error code; from version 3 on its header ends in tagged fields, of which there are none.</summary>
    public ErrorCode EndTxnError => Request.Api == ApiKey.EndTxn
        ? (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(Frame.Span[((Request.Version >= 3 ? 1 : 0) + 12)..])
        : throw new InvalidOperationException($"This answers {Request.Api}.");
}
