using System.Diagnostics;
using System.Globalization;
using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using Carousel.Validation.Tests.Reservations;

namespace Carousel.Validation.Tests.Sqlite;

/// <summary>A process that validates and settles is killed in the middle of it; this assembly is that process as well.</summary>
public sealed class CrashTests
{
    private const string PathVariable = "CAROUSEL_CRASH_TEST_DATABASE";
    private const int BatchRecords = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task After_kill_9_in_mid_batch_the_books_balance_and_the_same_records_give_the_same_outcomes()
    {
        await using var shop = new Shop();
        await shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await shop.SeedAsync(new StockItem("sku-1", 1_000_000), new StockItem("sku-2", 2_000));
        await shop.Database.DisposeAsync();
        int batches = 0;
        for (int kill = 1; kill <= 3; kill++)
        {
            batches = await RunAndKillAsync(shop.Options.DatabasePath, batchesMin: 3 * kill);
            Assert.True(await Books.AssertBalancedAsync(shop.Reader) >= batches * BatchRecords, "a batch that was reported as committed is lost");
        }

        await shop.ReopenAsync();
        Reservation[] before = [.. await shop.ReservationsAsync()];
        for (int batch = 0; batch < batches; batch++)
        {
            IReadOnlyList<Outcome> outcomes = await shop.Validation.HandleAsync(await BatchAsync(shop, batch), CancellationToken.None);
            Assert.All(outcomes, outcome => Assert.True(outcome is Outcome.Completed { Outputs.Count: 1 } or Outcome.DeadLettered { Reason: DeadLetterReasons.OutOfStock }));
        }

        Assert.Equal(before.Length, await Books.AssertBalancedAsync(shop.Reader));
    }

    /// <summary>What the killed process does. It is run by the test above alone, which names the database.</summary>
    [Trait("explicit", "true")]
    [Fact(Explicit = true)]
    public async Task Work_until_killed()
    {
        string path = Environment.GetEnvironmentVariable(PathVariable) ?? throw new InvalidOperationException($"Set {PathVariable}; this is run by another test.");
        await using var shop = new Shop();
        await using ValidationDatabase database = ValidationDatabase.Open(new ValidationOptions { DatabasePath = path }, shop.Parts.Loggers);
        ValidationHandler validation = database.CreateValidationHandler(shop.Parts);
        Carousel.Validation.Settlement.SettlementHandler settlement = database.CreateSettlementHandler(shop.Parts);
        await using Stream progress = Console.OpenStandardError();
        for (int batch = 0; ; batch++)
        {
            SourceRecord[] records = await BatchAsync(shop, batch);
            await validation.HandleAsync(records, CancellationToken.None);
            await progress.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"batch {batch}\n"));
            await settlement.HandleAsync(await Task.WhenAll(records.Select((_, i) => shop.DeadLetterAsync($"ord-{batch}-{i}", i))), CancellationToken.None);
        }
    }

    private static Task<SourceRecord[]> BatchAsync(Shop shop, int batch) => Task.WhenAll(Enumerable.Range(0, BatchRecords).Select(i =>
        shop.RecordAsync(Shop.Order($"ord-{batch}-{i}", "cust-1", ("sku-1", 1 + (i % 3)), ("sku-2", 1 + (i % 30))), (batch * BatchRecords) + i)));

    /// <returns>How many batches it had reported as committed.</returns>
    private static async Task<int> RunAndKillAsync(string path, int batchesMin)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(CrashTests).Assembly.Location, null))
        {
            ArgumentList = { "--explicit", "only", "--filter-method", $"{typeof(CrashTests).FullName}.{nameof(Work_until_killed)}" },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { [PathVariable] = path },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        int batches = 0;
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            while (batches < batchesMin)
            {
                string line = await process.StandardError.ReadLineAsync(patience.Token)
                    ?? throw new InvalidOperationException($"The process ended after {batches} of {batchesMin} batches: {await output}");
                if (line.StartsWith("batch ", StringComparison.Ordinal))
                {
                    batches = int.Parse(line.AsSpan(6), CultureInfo.InvariantCulture) + 1;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Waited {Patience} for {batchesMin} batches of the process; it reported {batches}.");
        }
        finally
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        return batches;
    }
}
