using System.Security.Cryptography;
using System.Text;
using System.Buffers.Binary;

namespace Carousel.PaymentSimulator.Ledger;

/// <summary>128-bit digests (SHA-256, cut) of ASCII texts; the leading letter keeps the name spaces apart.</summary>
internal static class Digest
{
    public static UInt128 OfReference(string reference) => Of($"c\n{reference}");

    public static UInt128 OfRefundKey(string idempotencyKey) => Of($"k\n{idempotencyKey}");

    public static UInt128 OfRefundedCharge(int chargeOrdinal) => Of($"r\n{chargeOrdinal}");

    public static UInt128 OfParameters(string orderId, long amountHundredths, string currency, string token) =>
        Of($"p\n{orderId}\n{amountHundredths}\n{currency}\n{token}");

    private static UInt128 Of(string text)
    {
        Span<byte> bytes = stackalloc byte[1024];
        var length = Encoding.ASCII.GetBytes(text, bytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
