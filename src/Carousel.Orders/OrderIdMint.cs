using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Carousel.Orders;

/// <summary>
/// Makes and recognises the gateway's order ids: <c>ord-</c> and 26 characters of Crockford's base32 over 16 bytes.
/// <code>
/// without Idempotency-Key   time: 6 bytes, Unix ms | random: 6 bytes | MAC: 4 bytes
/// with Idempotency-Key      HMAC-SHA256(key, "derive" client 0 idempotency key): first 12 bytes | MAC: 4 bytes
/// </code>
/// The MAC (HMAC-SHA256, cut to 32 bits) covers the first 12 bytes and the client, so a client can only ask for ids that it was given itself,
/// before any store has heard of the order. Thread-safe.
/// </summary>
public sealed class OrderIdMint
{
    public const int KeyLengthMin = 32;
    private const string Prefix = "ord-";
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int BodyBytes = 12;
    private const int TextLength = 26;
    private readonly byte[] _key;
    private readonly TimeProvider _time;

    /// <param name="key">Secret shared by all gateway instances, at least 32 bytes.</param>
    public OrderIdMint(byte[] key, TimeProvider time)
    {
        if (key.Length < KeyLengthMin)
        {
            throw new ArgumentException($"The order id key needs at least {KeyLengthMin} bytes; found {key.Length}.", nameof(key));
        }

        _key = [.. key];
        _time = time;
    }

    /// <summary>A fresh id for a request without Idempotency-Key.</summary>
    public OrderId New(string client)
    {
        Span<byte> bytes = stackalloc byte[BodyBytes + sizeof(uint)];
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, _time.GetUtcNow().ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        RandomNumberGenerator.Fill(bytes[6..BodyBytes]);
        return Seal(bytes, client);
    }

    /// <summary>The id of a request with Idempotency-Key: the same on every instance and for every retry.</summary>
    public OrderId Derive(string client, string idempotencyKey)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"derive\0{client}\0{idempotencyKey}"), digest);
        Span<byte> bytes = stackalloc byte[BodyBytes + sizeof(uint)];
        digest[..BodyBytes].CopyTo(bytes);
        return Seal(bytes, client);
    }

    /// <summary>True when this mint gave the id to this client.</summary>
    public bool WasGivenTo(string client, OrderId id)
    {
        Span<byte> bytes = stackalloc byte[BodyBytes + sizeof(uint)];
        if (!TryDecode(id.ToString(), bytes))
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[sizeof(uint)];
        Mac(bytes[..BodyBytes], client, mac);
        return CryptographicOperations.FixedTimeEquals(mac, bytes[BodyBytes..]);
    }

    private OrderId Seal(Span<byte> bytes, string client)
    {
        Mac(bytes[..BodyBytes], client, bytes[BodyBytes..]);
        return OrderId.Parse(Encode(bytes));
    }

    private void Mac(ReadOnlySpan<byte> body, string client, Span<byte> mac)
    {
        byte[] message = [.. "mac"u8, 0, .. body, .. Encoding.UTF8.GetBytes(client)];
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, message, digest);
        digest[..mac.Length].CopyTo(mac);
    }

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        UInt128 value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return string.Create(Prefix.Length + TextLength, value, static (text, rest) =>
        {
            Prefix.CopyTo(text);
            for (int i = text.Length - 1; i >= Prefix.Length; i--)
            {
                text[i] = Alphabet[(int)(rest & 31)];
                rest >>= 5;
            }
        });
    }

    private static bool TryDecode(string text, Span<byte> bytes)
    {
        if (text.Length != Prefix.Length + TextLength || !text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length] > '7')
        {
            return false;
        }

        UInt128 value = 0;
        foreach (char c in text.AsSpan(Prefix.Length))
        {
            int digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            value = (value << 5) | (UInt128)digit;
        }

        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return true;
    }
}
