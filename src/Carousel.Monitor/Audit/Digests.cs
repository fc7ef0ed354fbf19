using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Carousel.Monitor.Audit;

/// <summary>Hashes that stand for what they were made of. SHA-256, cut short: nobody can aim for a collision without finding 64 equal bits.</summary>
internal static class Digests
{
    public static ulong Of64(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }

    public static UInt128 Of128(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }

    public static ulong Of64(string text)
    {
        Span<byte> bytes = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(text, bytes, out int written) ? Of64(bytes[..written]) : Of64(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>A record's key and value; null and empty differ.</summary>
    public static ulong OfRecord(byte[]? key, byte[]? value)
    {
        Span<byte> parts = stackalloc byte[2 * (1 + sizeof(ulong))];
        Write(parts, key);
        Write(parts[(1 + sizeof(ulong))..], value);
        return Of64(parts);
    }

    private static void Write(Span<byte> part, byte[]? bytes)
    {
        part[0] = bytes is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt64LittleEndian(part[1..], bytes is null ? 0 : Of64(bytes));
    }
}
