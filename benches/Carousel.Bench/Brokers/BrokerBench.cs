using System.Globalization;
using HdrHistogram;

namespace Carousel.Bench;

/// <summary>
/// The embedded broker, which answers when a record is on disk, beside Apache Kafka, which by default doesn't wait for it: the same client, the same load,
/// in turns. Kafka with <c>flush.messages=1</c> gives the same promise, and is measured for a shorter time.
/// </summary>
internal sealed class BrokerBench(BrokerBenchOptions options, string? kafkaHome)
{
    public const int Partitions = 6;
    private const double Kibibyte = 1024;
    private static readonly RateLoad[] RateLoads =
    [
        new(1_000, ProduceLoad.DefaultBatchBytes, 300_000),
        new(1_000, ProduceLoad.PipelineBatchBytes, 400_000),
        new(300, ProduceLoad.DefaultBatchBytes, 700_000),
        new(300, ProduceLoad.PipelineBatchBytes, 900_000),
    ];

    private readonly BalancedTurns _turns = new(options.Rounds);

    public async Task<BrokerReport> RunAsync(string command)
    {
        var report = new BrokerReport(MachineState.Describe(), command);
        if (options.Includes(BrokerMeasurement.Start))
        {
            await MeasureStartAsync(report);
        }

        await using (MeasuredBroker embedded = await MeasuredBroker.StartEmbeddedAsync())
        {
            await using MeasuredBroker? kafka = kafkaHome is null ? null : await MeasuredBroker.StartKafkaAsync();
            if (options.Includes(BrokerMeasurement.Memory))
            {
                await MeasureIdleAsync(report, embedded, kafka);
            }

            await WarmUpAsync(embedded, kafka);
            await MeasureLoadsAsync(report, embedded, kafka);
        }

        if (options.Includes(BrokerMeasurement.Memory))
        {
            await MeasureSoakAsync(report);
        }

        return report;
    }

    private async Task MeasureLoadsAsync(BrokerReport report, MeasuredBroker embedded, MeasuredBroker? kafka)
    {
        if (options.Includes(BrokerMeasurement.Produce) || options.Includes(BrokerMeasurement.Consume))
        {
            foreach (RateLoad load in RateLoads)
            {
                await MeasureRatesAsync(report, embedded, kafka, load);
            }
        }

        if (options.Includes(BrokerMeasurement.Mirror))
        {
            await MeasureMirrorAsync(report, embedded, kafka, recordsPerTransaction: 5_000);
            await MeasureMirrorAsync(report, embedded, kafka, recordsPerTransaction: 20_000);
        }

        if (options.Includes(BrokerMeasurement.Latency))
        {
            await MeasureLatencyAsync(report, embedded, kafka);
        }
    }

    private static async Task WarmUpAsync(MeasuredBroker embedded, MeasuredBroker? kafka)
    {
        Console.Error.WriteLine("warming up ...");
        await embedded.WarmUpAsync();
        await (kafka?.WarmUpAsync() ?? Task.CompletedTask);
    }

    private async Task MeasureRatesAsync(BrokerReport report, MeasuredBroker embedded, MeasuredBroker? kafka, RateLoad load)
    {
        string topic = Text($"produce-{load.ValueBytes}-{load.BatchBytes}");
        await embedded.CreateTopicAsync(topic, Partitions);
        await (kafka?.CreateTopicAsync(topic, Partitions) ?? Task.CompletedTask);
        int records = options.Scaled(load.Records);
        var producing = new ProduceLoad(records, load.ValueBytes, load.BatchBytes);
        (Turn ours, Turn? theirs) = await _turns.RunAsync(embedded, kafka, (broker, _) => producing.RunAsync(broker, topic, Partitions));
        report.AddRates($"produce {load}, fsync; Kafka without", ours, theirs, ratioMin: 1);
        if (options.Includes(BrokerMeasurement.Produce) && load.BatchBytes == ProduceLoad.DefaultBatchBytes)
        {
            if (kafka is not null)
            {
                Turn flushed = await FlushedAsync(kafka, topic, new ProduceLoad(records / 8, load.ValueBytes, load.BatchBytes));
                report.AddRates($"produce {load}, fsync; Kafka with flush.messages=1", ours, flushed, ratioMin: 5);
            }

            report.AddRates($"produce {load}, both without fsync", await UnflushedAsync(topic, producing), theirs, ratioMin: null);
        }

        if (options.Includes(BrokerMeasurement.Consume))
        {
            var reading = new ConsumeLoad(2L * options.Rounds * records);
            (ours, theirs) = await _turns.RunAsync(embedded, kafka, (broker, _) => Task.Run(() => reading.Run(broker, topic, Partitions, load.ValueBytes)));
            report.AddRates($"consume {load}", ours, theirs, ratioMin: 1);
        }
    }

    private static async Task<Turn> FlushedAsync(MeasuredBroker kafka, string topic, ProduceLoad load)
    {
        string flushed = $"{topic}-flushed";
        await kafka.CreateTopicAsync(flushed, Partitions, ("flush.messages", "1"));
        await BalancedTurns.SettleDiskAsync();
        return await load.RunAsync(kafka, flushed, Partitions);
    }

    private static async Task<Turn> UnflushedAsync(string topic, ProduceLoad load)
    {
        await using MeasuredBroker unflushed = await MeasuredBroker.StartEmbeddedAsync("--flush", "os");
        await unflushed.WarmUpAsync();
        await unflushed.CreateTopicAsync(topic, Partitions);
        await BalancedTurns.SettleDiskAsync();
        return await load.RunAsync(unflushed, topic, Partitions);
    }

    private async Task MeasureMirrorAsync(BrokerReport report, MeasuredBroker embedded, MeasuredBroker? kafka, int recordsPerTransaction)
    {
        const int ValueBytes = 300;
        int records = options.Scaled(400_000);
        string source = Text($"mirror-{recordsPerTransaction}");
        foreach (MeasuredBroker? broker in (MeasuredBroker?[])[embedded, kafka])
        {
            if (broker is not null)
            {
                await broker.CreateTopicAsync(source, MirrorLoad.Partitions);
                await new ProduceLoad(records, ValueBytes, ProduceLoad.PipelineBatchBytes).RunAsync(broker, source, MirrorLoad.Partitions);
            }
        }

        var commits = new Dictionary<string, LongHistogram>();
        (Turn ours, Turn? theirs) = await _turns.RunAsync(embedded, kafka, async (broker, turn) =>
        {
            var load = new MirrorLoad(records, recordsPerTransaction, ValueBytes);
            Turn taken = await load.RunAsync(broker, source, Text($"{source}-copy-{turn}"));
            commits[broker.Name] = load.CommitTimes;
            return taken;
        });
        report.AddRates(Text($"mirror {ValueBytes} B, {recordsPerTransaction:N0} records a transaction"), ours, theirs, ratioMin: 1);
        report.Add("its commits, p50 / p99", Percentiles(commits[embedded.Name]), kafka is null ? "" : Percentiles(commits[kafka.Name]), null, "", null);
    }

    private async Task MeasureLatencyAsync(BrokerReport report, MeasuredBroker embedded, MeasuredBroker? kafka)
    {
        const int RatePerSecond = 1_000;
        const double BeyondFsyncMaxMs = 5;
        var load = new LatencyLoad(RatePerSecond, TimeSpan.FromSeconds(10 * options.Scale));
        LongHistogram before = DiskProbe.Run(options.Scaled(1_000));
        var latencies = new Dictionary<string, LongHistogram>();
        foreach (MeasuredBroker? broker in (MeasuredBroker?[])[embedded, kafka])
        {
            if (broker is not null)
            {
                await broker.CreateTopicAsync("latency", Partitions);
                await BalancedTurns.SettleDiskAsync();
                latencies[broker.Name] = await load.RunAsync(broker, "latency");
            }
        }

        LongHistogram disk = DiskProbe.Run(options.Scaled(1_000));
        disk.Add(before);
        double beyond = (latencies[embedded.Name].GetValueAtPercentile(99) - disk.GetValueAtPercentile(99)) / 1000.0;
        report.Add(
            Text($"produce at {RatePerSecond:N0}/s, p50 / p99"),
            Percentiles(latencies[embedded.Name]),
            kafka is null ? "" : Percentiles(latencies[kafka.Name]),
            null,
            Text($"p99 ≤ fsync's + {BeyondFsyncMaxMs:0} ms (is {beyond:+0.0;−0.0})"),
            beyond <= BeyondFsyncMaxMs);
        report.Add("fsync of 1 KiB by itself, p50 / p99", Percentiles(disk), "", null, "", null);
    }

    private async Task MeasureStartAsync(BrokerReport report)
    {
        const int ValueBytes = 1_000;
        const double SecondsMax = 2;
        var starts = new StartTimes(options.Scaled(1_000_000), ValueBytes);
        await using MeasuredBroker embedded = await MeasuredBroker.StartEmbeddedAsync();
        (TimeSpan clean, TimeSpan crashed) = await starts.RunAsync(embedded);
        (TimeSpan Clean, TimeSpan Crashed)? theirs = null;
        if (kafkaHome is not null)
        {
            await using MeasuredBroker kafka = await MeasuredBroker.StartKafkaAsync();
            theirs = await starts.RunAsync(kafka);
        }

        string log = Text($"start with {options.Scaled(1_000_000) * (ValueBytes / 1e9):0.#} GB");
        report.Add($"{log}, clean", Seconds(clean), Seconds(theirs?.Clean), null, Text($"≤ {SecondsMax:0} s"), clean.TotalSeconds <= SecondsMax);
        report.Add($"{log}, after kill -9 in mid-load", Seconds(crashed), Seconds(theirs?.Crashed), null, Text($"≤ {SecondsMax:0} s"), crashed.TotalSeconds <= SecondsMax);
    }

    private static async Task MeasureIdleAsync(BrokerReport report, MeasuredBroker embedded, MeasuredBroker? kafka)
    {
        const double MebibytesMax = 80;
        await embedded.CreateTopicAsync("idle", Partitions);
        await Task.Delay(TimeSpan.FromSeconds(10));
        double idle = embedded.Usage.MemoryBytes / Kibibyte / Kibibyte;
        report.Add("memory, idle", Mebibytes(embedded.Usage.MemoryBytes), kafka is null ? "" : Mebibytes(kafka.Usage.MemoryBytes), null, Text($"≤ {MebibytesMax:0} MiB"), idle <= MebibytesMax);
    }

    private async Task MeasureSoakAsync(BrokerReport report)
    {
        await using MeasuredBroker embedded = await MeasuredBroker.StartEmbeddedAsync();
        var soak = new MemorySoak(options.Soak);
        await soak.RunAsync(embedded, valueBytes: 1_000);
        report.Add(
            Text($"memory, {options.Soak.TotalMinutes:0.#} min at full speed ({soak.SentBytes / 1e9:0.0} GB): settled → end, peak"),
            $"{Mebibytes(soak.SettledBytes)} → {Mebibytes(soak.FinalBytes)}, {Mebibytes(soak.PeakBytes)}",
            "",
            null,
            "no growth",
            !soak.HasGrown);
        await Task.Delay(TimeSpan.FromSeconds(20));
        report.Add("memory, idle 20 s after that", Mebibytes(embedded.Usage.MemoryBytes), "", null, "", null);
    }

    private static string Percentiles(LongHistogram microseconds) =>
        Text($"{microseconds.GetValueAtPercentile(50) / 1000.0:0.00} / {microseconds.GetValueAtPercentile(99) / 1000.0:0.00} ms");

    private static string Seconds(TimeSpan? time) => time is { } known ? Text($"{known.TotalSeconds:0.00} s") : "";

    private static string Mebibytes(long bytes) => Text($"{bytes / Kibibyte / Kibibyte:0} MiB");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record RateLoad(int ValueBytes, int BatchBytes, int Records)
    {
        public override string ToString() => Text($"{ValueBytes:N0} B in batches of {BatchBytes / Kibibyte:0} KiB");
    }
}
