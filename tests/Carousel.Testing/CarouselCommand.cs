namespace Carousel.Testing;

/// <summary>The built command.</summary>
public static class CarouselCommand
{
    /// <summary>Environment variable with the path of <c>carousel.dll</c>.</summary>
    public const string Variable = "CAROUSEL_TEST_COMMAND";

    private const string FileName = "carousel.dll";

    /// <summary>The one that is named, or the one built with the tests: beside them, or in its own project's folder.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Find();

    private static string Find()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string beside = System.IO.Path.Combine(own.FullName, FileName);
        return File.Exists(beside) ? beside : System.IO.Path.Combine(own.Parent!.Parent!.FullName, "Carousel.Cli", own.Name, FileName);
    }
}
