using System.Buffers.Text;

namespace Carousel.Broker.Topics;

/// <summary>Ids as Kafka writes them: 16 bytes, big-endian, as 22 characters of base64url.</summary>
internal static class KafkaUuid
{
    public const int TextLength = 22;

    /// <summary>A random one, whose text never begins with a dash: command lines would take it for a flag (Kafka's Uuid.randomUuid).</summary>
    public static Guid New()
    {
        Guid id;
        do
        {
            id = Guid.NewGuid();
        }
        while (ToText(id).StartsWith('-'));

        return id;
    }

    public static string ToText(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryParse(string text, out Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id = default;
        if (text.Length != TextLength || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out int written) || written != bytes.Length)
        {
            return false;
        }

        id = new Guid(bytes, bigEndian: true);
        return true;
    }
}
