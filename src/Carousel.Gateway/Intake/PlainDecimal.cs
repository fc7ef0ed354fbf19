using System.Buffers;
using System.Buffers.Text;

namespace Carousel.Gateway.Intake;

/// <summary>
/// Decimals as money is written: digits, perhaps a minus and a point, no exponent, no blanks, at most 28 digits, so that the value read is exactly
/// the one written. A JSON number goes through the same bytes and never through a double.
/// </summary>
internal static class PlainDecimal
{
    private const int DigitsMax = 28;
    private const int BytesMax = DigitsMax + 2;
    private static readonly SearchValues<byte> DigitsAndPoint = SearchValues.Create("0123456789."u8);

    public static bool TryParse(ReadOnlySpan<byte> utf8, out decimal value)
    {
        value = 0;
        ReadOnlySpan<byte> digits = utf8 is [(byte)'-', ..] ? utf8[1..] : utf8;
        if (utf8.Length > BytesMax || digits.IsEmpty || digits[0] == '.' || digits[^1] == '.')
        {
            return false;
        }

        int points = digits.Count((byte)'.');
        return points <= 1
            && digits.Length - points <= DigitsMax
            && !digits.ContainsAnyExcept(DigitsAndPoint)
            && Utf8Parser.TryParse(utf8, out value, out int consumed)
            && consumed == utf8.Length;
    }
}
