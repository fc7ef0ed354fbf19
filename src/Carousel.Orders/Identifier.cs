using System.Buffers;

namespace Carousel.Orders;

/// <summary>What an id, item code or token may look like: printable ASCII (0x20 to 0x7E), not blank at either end.</summary>
public static class Identifier
{
    private static readonly SearchValues<char> Printable =
        SearchValues.Create(string.Concat(Enumerable.Range(0x20, 0x5F).Select(code => (char)code)));

    public static bool IsValid(string? value, int lengthMax) =>
        value is { Length: > 0 }
        && value.Length <= lengthMax
        && value[0] != ' '
        && value[^1] != ' '
        && !value.AsSpan().ContainsAnyExcept(Printable);
}
