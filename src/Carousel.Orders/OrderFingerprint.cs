using System.Buffers;
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
        // One call of the hash over all bytes: each costs far more than the copying.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BytesMax(order));
        try
        {
            Span<byte> rest = buffer;
            Append(ref rest, order.CustomerId);
            Append(ref rest, order.Currency);
            Append(ref rest, order.Amount);
            Append(ref rest, order.PaymentToken);
            Append(ref rest, order.Lines.Count);
            for (int i = 0; i < order.Lines.Count; i++)
            {
                OrderLine line = order.Lines[i];
                Append(ref rest, line.Sku);
                Append(ref rest, line.Quantity);
                Append(ref rest, line.UnitPrice);
            }

            return SHA256.HashData(buffer.AsSpan(0, buffer.Length - rest.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int BytesMax(Order order)
    {
        int texts = order.CustomerId.Length + order.Currency.Length + order.PaymentToken.Length;
        for (int i = 0; i < order.Lines.Count; i++)
        {
            texts += order.Lines[i].Sku.Length;
        }

        // At most 3 bytes of UTF-8 a char, and no more than 24 bytes of numbers a line; the order itself has fewer than 64.
        return (3 * texts) + (24 * order.Lines.Count) + 64;
    }

    private static void Append(ref Span<byte> rest, string text)
    {
        int length = Encoding.UTF8.GetBytes(text, rest[sizeof(int)..]);
        Append(ref rest, length);
        rest = rest[length..];
    }

    private static void Append(ref Span<byte> rest, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(rest, number);
        rest = rest[sizeof(int)..];
    }

    /// <summary>At scale 4, the largest any field has, so that 1.5 and 1.50 are the same money.</summary>
    private static void Append(ref Span<byte> rest, decimal number)
    {
        BinaryPrimitives.WriteInt128BigEndian(rest, (Int128)(number * 10_000m));
        rest = rest[16..];
    }
}
