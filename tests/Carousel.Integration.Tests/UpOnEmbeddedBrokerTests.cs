using System.Globalization;
using Carousel.Testing;

namespace Carousel.Integration.Tests;

/// <summary><c>carousel up</c> with nothing beside it: its own broker, killed together with everything else.</summary>
public sealed class UpOnEmbeddedBrokerTests : IDisposable
{
    private const string Orders = "2000";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private readonly string _directory = Directory.CreateTempSubdirectory("carousel-up-").FullName;
    private readonly int _port = FreePort.NextRun(5);

    private string Data => Path.Combine(_directory, "data");

    [Fact]
    public async Task Killed_in_mid_flow_and_started_again_it_goes_on_where_it_was_and_the_books_balance()
    {
        // A gentle stream, and then a feed, each killed while payments are under way.
        long charged = await RunUntilKilledAsync(chargedMin: 5, []);
        charged = await RunUntilKilledAsync(charged + 300, ["--orders", Orders, "--rate", "300"]);
        CommandRun check = await CommandRun.OfAsync(_directory, "broker", "check", Path.Combine(Data, "broker"));
        Assert.True(check.ExitCode == 0, check.Output);
        Assert.Contains("not closed cleanly", check.Output, StringComparison.Ordinal);

        // The same orders again: those that had been accepted are known, and charged once.
        CommandRun run = await CommandRun.OfAsync(_directory, Patience, new Dictionary<string, string>(), [.. Up(), "--orders", Orders]);
        Assert.True(run.ExitCode == 0, $"{run.Output}\n{run.Error}");
        Assert.Contains("The books balance", run.Output, StringComparison.Ordinal);
        Assert.InRange(CountOf("orders in the log", run.Output), 2005, long.MaxValue);
        Assert.Equal(CountOf("orders in the log", run.Output), CountOf("charged", run.Output));
        Assert.InRange(CountOf("charged", run.Output), Math.Max(charged, 2005), long.MaxValue);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string[] Up() => ["up", "--data", Data, "--port", _port.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Returns how many charges the ledger had just before the kill.</summary>
    private async Task<long> RunUntilKilledAsync(long chargedMin, string[] arguments)
    {
        await using var up = new ServiceProcess(Path.Combine(_directory, "up.log"), null, [.. Up(), .. arguments]) { StopsWithParent = false };
        await up.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port + 3}") };
        long charged = await Eventually.TrueAsync(
            $"{chargedMin} orders are charged (the log: {up.LogFile})",
            async () => (await http.GetStringAsync(new Uri("/v1/ledger", UriKind.Relative))).Split('\n', StringSplitOptions.RemoveEmptyEntries).LongLength,
            charges => charges >= chargedMin,
            TimeSpan.FromSeconds(90));
        await up.KillAsync();
        return charged;
    }

    private static long CountOf(string label, string books)
    {
        string line = books.Split('\n').First(line => line.StartsWith(label, StringComparison.Ordinal));
        return long.Parse(line[label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }
}
