namespace Carousel.Testing;

/// <summary>Some tests that kill things at random have a long version, for who has the time.</summary>
public static class TestLength
{
    /// <summary>Set to 1 for the long versions.</summary>
    public const string Variable = "CAROUSEL_TEST_LONG";

    public static bool IsLong { get; } = Environment.GetEnvironmentVariable(Variable) == "1";
}
