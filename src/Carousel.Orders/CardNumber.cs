namespace Carousel.Orders;

/// <summary>Recognises what must never be stored: 13 to 19 digits, perhaps grouped by blanks or dashes, that pass the Luhn check (ISO/IEC 7812-1).</summary>
public static class CardNumber
{
    private const int DigitsMin = 13;
    private const int DigitsMax = 19;

    public static bool LooksLikeOne(ReadOnlySpan<char> text)
    {
        int digits = 0;
        int sum = 0;

        // Luhn doubles every second digit counted from the right, so the text is walked backwards.
        for (int i = text.Length - 1; i >= 0; i--)
        {
            char c = text[i];
            if (c is ' ' or '-')
            {
                continue;
            }

            if (!char.IsAsciiDigit(c) || ++digits > DigitsMax)
            {
                return false;
            }

            int value = c - '0';
            if (digits % 2 == 0)
            {
                value *= 2;
                value -= value > 9 ? 9 : 0;
            }

            sum += value;
        }

        return digits >= DigitsMin && sum % 10 == 0;
    }
}
