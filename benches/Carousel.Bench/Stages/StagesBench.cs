using System.Globalization;
using Carousel.Monitor.Audit;
using HdrHistogram;

namespace Carousel.Bench;

/// <summary>
/// What the stages reach, on one broker in one run. Whatever is compared takes turns in the order A B B A. At the end the books are audited.
/// </summary>
internal sealed class StagesBench(string name, string kafka, double scale)
{
    private const int Skus = 10_000;
    private const double PaymentMs = 100;
    private const int FewWaiting = 20_000;

    /// <summary>A turn of the engine takes seconds, and what the machine does meanwhile differs more than what is compared.</summary>
    private const int EngineRounds = 2;
    private static readonly TimeSpan HalfLoadDuration = TimeSpan.FromSeconds(20);
    private readonly StagesReport _report = new(name);

    public async Task<string> RunAsync(IReadOnlyCollection<StagesMeasurement> wanted)
    {
        if (wanted.Contains(StagesMeasurement.Engine))
        {
            await MeasureEngineAsync(await EngineLoad.PrepareAsync(kafka, Scaled(400_000)));
        }

        if (wanted.Contains(StagesMeasurement.Pipeline))
        {
            await MeasurePipelineAsync();
        }

        return _report.Markdown();
    }

    private async Task MeasurePipelineAsync()
    {
        await using DrainedPipeline pipeline = await DrainedPipeline.StartAsync(kafka, Skus);
        Drained few = await MeasureDrainAsync(pipeline);
        await MeasureFlashSaleAsync(pipeline);
        await MeasureMemoryAsync(pipeline, few);
        AuditReport audit = await pipeline.AuditAsync();
        _report.Add("audit of all that was drained", $"{audit.Verdict}: {audit.Reconciliation.Fulfilled:N0} fulfilled", "Balanced", audit.Verdict == AuditVerdict.Balanced);
    }

    /// <returns>What draining few took, whose memory is to be compared with.</returns>
    private async Task<Drained> MeasureDrainAsync(DrainedPipeline pipeline)
    {
        Drained few = await pipeline.DrainAsync(FewWaiting, Skus, PaymentMs);
        Drained drained = await pipeline.DrainAsync(Scaled(100_000), Skus, PaymentMs);
        _report.Add(
            $"orders/s through both stages, payments of {PaymentMs:N0} ms, {drained.Orders:N0} waiting",
            $"{drained.SteadyOrdersPerSecond:N0} between the first tenth and the ninth, {drained.OrdersPerSecond:N0} from the start of the processes",
            "≥ 12,000",
            drained.SteadyOrdersPerSecond >= 12_000);
        double half = drained.OrdersPerSecond / 2;
        LongHistogram latency = await pipeline.LatencyAsync(half, HalfLoadDuration, Skus, PaymentMs);
        double p99 = latency.GetValueAtPercentile(99) / 1000.0;
        _report.Add(
            $"accept → fulfilled at {half.ToString("N0", CultureInfo.InvariantCulture)}/s, p99 over the payment's own {PaymentMs:N0} ms",
            $"{p99 - PaymentMs:N0} ms (p50 {(latency.GetValueAtPercentile(50) / 1000.0) - PaymentMs:N0} ms)",
            "≤ 150 ms",
            p99 - PaymentMs <= 150);
        return few;
    }

    private async Task MeasureFlashSaleAsync(DrainedPipeline pipeline)
    {
        int orders = Scaled(60_000);
        (List<Drained> many, List<Drained> one) = await new BalancedTurns(rounds: 1).RunAsync(() => pipeline.DrainAsync(orders, Skus, paymentMs: 0), () => pipeline.DrainAsync(orders, skus: 1, paymentMs: 0));
        Drained all = Drained.Sum(many);
        Drained flash = Drained.Sum(one);
        _report.Add(
            "the same without payment latency",
            $"{all.SteadyOrdersPerSecond:N0} between the tenths, {all.OrdersPerSecond:N0} from the start",
            "≥ 20,000",
            all.SteadyOrdersPerSecond >= 20_000);
        _report.Add(
            "processor time of both stages an order, without the payment simulator",
            $"{all.SteadyCpuMicroseconds:N0} µs between the tenths, {all.CpuMicroseconds:N0} µs with start and compilation",
            "≤ 60 µs",
            all.SteadyCpuMicroseconds <= 60);
        double ratio = flash.SteadyOrdersPerSecond / all.SteadyOrdersPerSecond;
        _report.Add("flash sale: one item against 10,000", $"{ratio:0.00} ({flash.SteadyOrdersPerSecond:N0} orders/s)", "≥ 0.9", ratio >= 0.9);
    }

    private async Task MeasureMemoryAsync(DrainedPipeline pipeline, Drained few)
    {
        Drained many = await pipeline.DrainAsync(Scaled(200_000), Skus, PaymentMs);
        double ratio = (double)many.PeakMemoryBytes / few.PeakMemoryBytes;
        _report.Add(
            string.Create(CultureInfo.InvariantCulture, $"peak memory of both stages, {many.Orders:N0} waiting against {few.Orders:N0}"),
            $"{ratio:0.00} ({Mebibytes(many):N0} MiB, {Mebibytes(few):N0} MiB)",
            "≤ 1.1",
            ratio <= 1.1);
    }

    private async Task MeasureEngineAsync(EngineLoad engine)
    {
        // What is measured is how it runs once it is compiled.
        await engine.RunAsync(isTransactional: true, isRetrying: true);
        await engine.RunAsync(isTransactional: false, isRetrying: false);
        (List<CommitSpan> with, List<CommitSpan> without) = await new BalancedTurns(EngineRounds).RunAsync(
            () => engine.RunAsync(isTransactional: true, isRetrying: false), () => engine.RunAsync(isTransactional: false, isRetrying: false));
        CommitSpan exactlyOnce = CommitSpan.Sum(with);
        CommitSpan atLeastOnce = CommitSpan.Sum(without);
        double cost = 1 - (exactlyOnce.PerSecond / atLeastOnce.PerSecond);
        _report.Add(
            "cost of exactly once: the engine alone, against itself without transactions",
            $"{cost:P1} ({exactlyOnce.PerSecond:N0} and {atLeastOnce.PerSecond:N0} records/s)",
            "≤ 5 %",
            cost <= 0.05);

        (List<CommitSpan> none, List<CommitSpan> some) = await new BalancedTurns(EngineRounds).RunAsync(
            () => engine.RunAsync(isTransactional: true, isRetrying: false), () => engine.RunAsync(isTransactional: true, isRetrying: true));
        double ratio = CommitSpan.Sum(some).PerSecond / CommitSpan.Sum(none).PerSecond;
        _report.Add(
            "one key in a hundred always retrying against none: the others, in the engine alone",
            $"{ratio:0.00} ({CommitSpan.Sum(some).PerSecond:N0} and {CommitSpan.Sum(none).PerSecond:N0} records/s)",
            "≥ 0.9",
            ratio >= 0.9);
    }

    private int Scaled(int orders) => Math.Max(FewWaiting, (int)(orders * scale));

    private static double Mebibytes(Drained drained) => drained.PeakMemoryBytes / 1024.0 / 1024;
}

/// <summary>What <c>./bench stages --only</c> takes.</summary>
internal enum StagesMeasurement
{
    /// <summary>Cost of exactly once, keys that are always retried.</summary>
    Engine,

    /// <summary>The rest: processes, HTTP payments, SQL.</summary>
    Pipeline,
}
