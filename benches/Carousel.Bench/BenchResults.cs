using System.CommandLine;
using System.Globalization;

namespace Carousel.Bench;

/// <summary>Where results are stored.</summary>
internal static class BenchResults
{
    public static Option<DirectoryInfo> Option() =>
        new("--results") { Description = "where the result is stored", DefaultValueFactory = _ => new DirectoryInfo("benches/results") };

    /// <summary>Prints the report, and stores it under the bench's name and the time.</summary>
    public static async Task StoreAsync(DirectoryInfo folder, string bench, string report)
    {
        folder.Create();
        string file = Path.Combine(folder.FullName, $"{bench}-{TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmm", CultureInfo.InvariantCulture)}.md");
        await File.WriteAllTextAsync(file, report);
        Console.Write(report);
        await Console.Error.WriteLineAsync($"Stored in {file}.");
    }
}
