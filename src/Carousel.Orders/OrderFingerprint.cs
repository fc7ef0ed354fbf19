using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Carousel.Orders;

/// <summary>
/// What makes two orders under one id the same order: SHA-256 over customer, currency, amount, lines and payment token.
/// Times and status are left out, since a retried request has others. Strings are length-prefixed, so that no two orders share the bytes.
/// </summary>
public static class OrderFingerprint
{
    public const int LengthBytes = 32;

    public static byte[] Of(Order order)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, order.CustomerId);
        Append(hash, order.Currency);
        Append(hash, order.Amount);
        Append(hash, order.PaymentToken);
        Append(hash, order.Lines.Count);
        foreach (OrderLine line in order.Lines)
        {
            Append(hash, line.Sku);
            Append(hash, line.Quantity);
            Append(hash, line.UnitPrice);
        }

        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, string text)
    {
        Append(hash, Encoding.UTF8.GetByteCount(text));
        hash.AppendData(Encoding.UTF8.GetBytes(text));
    }

    private static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    /// <summary>At scale 4, the largest any field has, so that 1.5 and 1.50 are the same money.</summary>
    private static void Append(IncrementalHash hash, decimal number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, (Int128)(number * 10_000m));
        hash.AppendData(bytes);
    }
}
