using System.Globalization;

namespace Carousel.Monitor.Audit;

internal static class Money
{
    /// <summary>With 2 decimals at least, however the number came about.</summary>
    public static string Text(decimal? amount, string? currency) => amount is { } known
        ? $"{known.ToString("0.00##", CultureInfo.InvariantCulture)} {currency}"
        : $"no amount in {currency}";
}
