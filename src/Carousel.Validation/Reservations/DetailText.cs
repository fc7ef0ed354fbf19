namespace Carousel.Validation.Reservations;

/// <summary>Sentences for people are kept short, whoever wrote them.</summary>
internal static class DetailText
{
    public const int LengthMax = 500;

    public static string Bounded(string text) => text.Length <= LengthMax ? text : string.Concat(text.AsSpan(0, LengthMax - 1), "…");
}
