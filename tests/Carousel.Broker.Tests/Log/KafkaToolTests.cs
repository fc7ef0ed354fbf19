using System.Diagnostics;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Partitions;
using Carousel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Log;

/// <summary>Kafka's own tool reads what is written here.</summary>
public sealed class KafkaToolTests
{
    [Fact]
    public async Task Kafkas_dump_log_reads_every_file_and_finds_nothing_wrong()
    {
        string? home = Environment.GetEnvironmentVariable(KafkaProcess.HomeVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(home), $"Needs Apache Kafka's tool script: set {KafkaProcess.HomeVariable} to its folder.");
        string directory = Path.Combine(Path.GetTempPath(), $"carousel-dump-{Guid.NewGuid():N}");
        try
        {
            await WriteAsync(directory);
            string partition = Path.Combine(directory, "orders-0");
            string[] logs = [.. Directory.GetFiles(partition, "*.log").Order()];
            Assert.True(logs.Length >= 3);
            string log = await DumpAsync(home!, "--deep-iteration", "--print-data-log", "--files", string.Join(',', logs));
            Assert.Contains("payload: value-7", log, StringComparison.Ordinal);
            Assert.Contains("endTxnMarker: ABORT coordinatorEpoch: 3", log, StringComparison.Ordinal);
            Assert.DoesNotContain("isvalid: false", log, StringComparison.Ordinal);
            string indexes = await DumpAsync(home!, "--index-sanity-check", "--files", Join(partition, "*.index", "*.timeindex"));
            Assert.DoesNotContain("failed", indexes, StringComparison.OrdinalIgnoreCase);
            string checkedIndexes = await DumpAsync(home!, "--verify-index-only", "--files", Join(partition, "*.index", "*.timeindex"));
            Assert.DoesNotContain("Found", checkedIndexes, StringComparison.Ordinal);
            Assert.DoesNotContain("mismatch", checkedIndexes, StringComparison.OrdinalIgnoreCase);
            string transactions = await DumpAsync(home!, "--files", Join(partition, "*.txnindex"));
            Assert.Contains("producerId: 7 firstOffset: 7 lastOffset: 13", transactions, StringComparison.Ordinal);
            string snapshots = await DumpAsync(home!, "--files", Join(partition, "*.snapshot"));
            Assert.Contains("producerId: 7 producerEpoch: 0 coordinatorEpoch: 3 currentTxnFirstOffset: OptionalLong.empty", snapshots, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task WriteAsync(string directory)
    {
        var options = new PartitionSetOptions { DataDirectory = directory };
        PartitionSet set = await PartitionSet.OpenAsync(options, new PhysicalFileSystem(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Task running = set.RunAsync(stop.Token);
        Partition partition = set.Create(TestBroker.Orders, Guid.NewGuid(), new LogSettings { SegmentBytes = 20_000, IndexIntervalBytes = 500 });
        for (int number = 0; number < 200; number++)
        {
            await partition.ProduceAsync(Transactional(7, 0, 2 * number, $"value-{number}", new string('x', number)));
            if (number % 3 == 2)
            {
                await partition.DurableAsync(partition.AppendMarker(7, 0, 3, isCommit: number % 2 == 0, transactionVersion: 1).LastOffset);
            }
        }

        await partition.DurableAsync(partition.AppendMarker(7, 0, 3, isCommit: true, transactionVersion: 1).LastOffset);
        await stop.CancelAsync();
        await running;
        await set.DisposeAsync();
    }

    private static string Join(string directory, params string[] patterns) => string.Join(',', patterns.SelectMany(pattern => Directory.GetFiles(directory, pattern)).Order());

    private static async Task<string> DumpAsync(string home, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(home, "tool")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["dump-log", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        KafkaJava.Configure(start);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WithinAsync("dump-log ends", TimeSpan.FromMinutes(3));
        Assert.True(process.ExitCode == 0, errors);
        return await output + errors;
    }
}
