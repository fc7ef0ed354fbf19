namespace Carousel.Conformance.Tests.Processes;

/// <summary>This project's folder in the checkout: scripts of other languages run from where they were written, beside what they need.</summary>
internal static class SourceFolder
{
    public static string Of(string folder)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Carousel.slnx")))
        {
            root = root.Parent;
        }

        return root is null
            ? throw new InvalidOperationException("The tests don't run below a checkout of Carousel.")
            : Path.Combine(root.FullName, "tests", "Carousel.Conformance.Tests", folder);
    }
}
