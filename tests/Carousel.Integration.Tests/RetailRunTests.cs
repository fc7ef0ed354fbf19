using System.Diagnostics;
using System.Globalization;
using Carousel.Testing;

namespace Carousel.Integration.Tests;

/// <summary>The main job, as a newcomer runs it, on real orders whose answer is known.</summary>
[OnEveryBroker]
public sealed class RetailRunTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("carousel-retail-").FullName;

    [Fact]
    public async Task The_retail_data_ends_in_the_known_books_and_a_second_run_in_the_same()
    {
        string kafka = TestKafka.RequireOrSkip().BootstrapServers;
        string? retail = Environment.GetEnvironmentVariable("CAROUSEL_TEST_RETAIL");
        Assert.SkipWhen(string.IsNullOrEmpty(retail), "Needs the UCI Online Retail data: set CAROUSEL_TEST_RETAIL=FILE.csv.gz, or run ./test beside ../shared/data.");
        string prefix = TestKafka.UniquePrefix();
        string[] Arguments(string data) =>
        [
            "up", "--kafka", kafka, "--topic-prefix", prefix, "--data", Path.Combine(_data, data),
            "--port", FreePort.NextRun(4).ToString(CultureInfo.InvariantCulture), "--retail", retail!,
        ];
        string[] first = await BooksAsync(Arguments("data"));
        string[] second = await BooksAsync(Arguments("data"));
        Assert.Equal(first, second);
        string books = string.Join('\n', first.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains("posted 25,900\nrefused by the gateway 5,940\naccepted 19,960\n", books, StringComparison.Ordinal);
        Assert.Contains("REJECTION UNKNOWN_CUSTOMER 1,428\nfulfilled 18,532\ncharged 18,532 8,911,407.90 GBP\nunits sold 5,168,563\n", books, StringComparison.Ordinal);

        // Other books for the same topics would charge everybody anew.
        (int exitCode, _, string error) = await RunAsync(Arguments("other-data"));
        Assert.Equal(1, exitCode);
        Assert.Contains("holds orders already", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>The reconciliation, from the line that counts what was posted.</summary>
    private static async Task<string[]> BooksAsync(string[] arguments)
    {
        (int exitCode, string output, string error) = await RunAsync(arguments);
        Assert.True(exitCode == 0, $"Exit code {exitCode}: {error}");
        return [.. output.Split('\n').SkipWhile(line => !line.StartsWith("posted ", StringComparison.Ordinal))];
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(CarouselCommand.Path);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return (process.ExitCode, await output, await error);
    }
}
