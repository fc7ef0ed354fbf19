using System.Diagnostics;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using static Carousel.Broker.Tests.Partitions.TestBatches;

namespace Carousel.Broker.Tests.Partitions;

/// <summary>Measures; run with <c>--explicit only --filter-class Carousel.Broker.Tests.Partitions.LogThroughputTests --show-live-output on</c>, built for release.</summary>
public sealed class LogThroughputTests(ITestOutputHelper output)
{
    /// <summary>A measurement: bytes per second of processor time, so that a busy machine doesn't matter.</summary>
    [Theory(Explicit = true)]
    [Trait("explicit", "true")]
    [InlineData(16_000, true)]
    [InlineData(16_000, false)]
    [InlineData(64_000, true)]
    [InlineData(1_000, true)]
    public async Task Measure_appends_and_reads(int batchBytes, bool isFsync)
    {
        const long Total = 1L << 30;
        FlushMode mode = isFsync ? FlushMode.Fsync : FlushMode.OperatingSystem;
        await HotPathTests.WithPartitionAsync(mode, async partition =>
        {
            byte[] batch = Plain([.. Enumerable.Repeat(new string('x', Math.Min(batchBytes - 100, 900)), Math.Max(1, batchBytes / 1000))]);
            byte[][] copies = [.. Enumerable.Range(0, 64).Select(_ => batch.ToArray())];
            long count = Total / batch.Length;
            (double wall, double cpu) = await MeasureAsync(async () =>
            {
                long last = 0;
                for (int number = 0; number < count; number++)
                {
                    last = partition.Append(copies[number % copies.Length], AppendOrigin.Client).LastOffset;

                    // A bound on what is in flight, as connections have one.
                    if (number % 64 == 0)
                    {
                        await partition.WaitUntilDurableAsync(Math.Max(0, last - 4096), CancellationToken.None);
                    }
                }

                await partition.WaitUntilDurableAsync(last, CancellationToken.None);
            });
            Say($"append {mode} {batch.Length} B", count * batch.Length, wall, cpu);
            long read = 0;
            (wall, cpu) = await MeasureAsync(() =>
            {
                long offset = 0;
                while (offset < partition.HighWatermark)
                {
                    using ReadResult result = partition.Read(offset, 1 << 20, readCommitted: true, minOneBatch: true);
                    read += result.Records.Length;
                    offset = result.NextOffset;
                }

                return Task.CompletedTask;
            });
            Say($"read in 1 MiB of {batch.Length} B", read, wall, cpu);
        });
    }

    /// <summary>A measurement: how long a gigabyte takes to open, after a clean stop and after a kill.</summary>
    [Fact(Explicit = true)]
    [Trait("explicit", "true")]
    public async Task Measure_a_start_with_a_gigabyte()
    {
        string directory = Path.Combine(Path.GetTempPath(), $"carousel-hot-{Guid.NewGuid():N}");
        try
        {
            PartitionSet set = await HotPathTests.OpenAsync(directory, FlushMode.OperatingSystem);
            byte[] batch = Plain([.. Enumerable.Repeat(new string('x', 1000), 8)]);
            for (int partition = 0; partition < 24; partition++)
            {
                Partition written = set.Create(new("orders", partition), Guid.NewGuid(), LogSettings.Default);
                for (long bytes = 0; bytes < (1L << 30) / 24; bytes += batch.Length)
                {
                    written.Append(batch, AppendOrigin.Client);
                }
            }

            await set.DisposeAsync();
            (double wall, double cpu) = await MeasureAsync(async () => set = await HotPathTests.OpenAsync(directory, FlushMode.Fsync));
            Say("open after a clean stop", set.Partitions.Sum(partition => partition.SizeBytes), wall, cpu);
            foreach (Partition partition in set.Partitions)
            {
                partition.Abandon(Wire.ErrorCode.NotLeaderOrFollower);
            }

            await set.DisposeAsync();
            File.Delete(Path.Combine(directory, ".kafka_cleanshutdown"));
            (wall, cpu) = await MeasureAsync(async () => set = await HotPathTests.OpenAsync(directory, FlushMode.Fsync));
            Say("open after a kill", set.Partitions.Sum(partition => partition.SizeBytes), wall, cpu);
            await set.DisposeAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(double Wall, double Cpu)> MeasureAsync(Func<Task> work)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan cpu = process.TotalProcessorTime;
        long started = Stopwatch.GetTimestamp();
        await work();
        process.Refresh();
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds);
    }

    private void Say(string what, long bytes, double wall, double cpu) =>
        output.WriteLine($"{what}: {bytes / 1e6:0} MB in {wall:0.00} s, {bytes / 1e6 / wall:0} MB/s; {cpu:0.00} s of processor, {bytes / 1e6 / cpu:0} MB/s per core");
}
