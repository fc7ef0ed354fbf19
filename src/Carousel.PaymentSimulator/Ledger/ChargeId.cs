namespace Carousel.PaymentSimulator.Ledger;

/// <summary>
/// Public ids: a prefix and 16 Crockford base32 characters of the ledger's random instance (32 bits) and the entry's ordinal (48 bits).
/// So an id needs no index of its own, and two ledgers never give the same one.
/// </summary>
internal static class ChargeId
{
    public const string ChargePrefix = "ch_";
    public const string RefundPrefix = "re_";
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 16;

    public static string Format(string prefix, uint instance, int ordinal) =>
        string.Create(prefix.Length + Length, (prefix, instance, ordinal), static (target, id) =>
        {
            id.prefix.CopyTo(target);
            var bits = ((UInt128)id.instance << 48) | (uint)id.ordinal;
            for (var at = target.Length - 1; at >= id.prefix.Length; at--)
            {
                target[at] = Alphabet[(int)(bits & 31)];
                bits >>= 5;
            }
        });

    public static bool TryParse(ReadOnlySpan<char> text, string prefix, uint instance, out int ordinal)
    {
        ordinal = -1;
        if (text.Length != prefix.Length + Length || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        UInt128 bits = 0;
        foreach (var character in text[prefix.Length..])
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            bits = (bits << 5) | (uint)digit;
        }

        var low = (ulong)(bits & 0xFFFF_FFFF_FFFF);
        if ((uint)(bits >> 48) != instance || low > int.MaxValue)
        {
            return false;
        }

        ordinal = (int)low;
        return true;
    }
}
