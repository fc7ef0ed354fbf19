using System.Globalization;
using System.Text;
using Carousel.Cli.Loading;
using Carousel.Monitor.Audit;
using Carousel.Orders.Avro;
using Carousel.Registry.Client;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Bench;

/// <summary>
/// Drain: orders wait in <c>orders</c>, then validation and fulfillment start and work them off, with payments by HTTP. Half load: then orders are posted
/// at half that rate, and the time from acceptance to fulfilment is taken. At the end the books are audited: a rate with broken books is none.
/// </summary>
internal sealed class PipelineBench(string kafka, int orders, double paymentMs)
{
    private static readonly TimeSpan HalfLoadDuration = TimeSpan.FromSeconds(20);

    public async Task<string> RunAsync()
    {
        string machine = MachineState.Describe();
        await using var pipeline = new TestPipeline(kafka, TestKafka.UniquePrefix());
        var generator = new OrderGenerator(new OrderGeneratorOptions { Orders = orders, Customers = 20_000, Skus = 10_000, LinesMax = 5 });
        await pipeline.StartAsync(generator.Seed);
        await pipeline.SetFaultsAsync(paymentMs > 0
            ? new { latency = new { distribution = "fixed", medianMs = paymentMs } }
            : (object)new { latency = new { distribution = "none" } });
        await pipeline.Validation.StopAsync();
        await pipeline.Fulfillment.StopAsync();
        Say($"posting {orders:N0} orders ...");
        PostingResult posted = await pipeline.PostAsync(generator.Orders(), batchSize: 500, concurrency: 4);
        Say($"accepted {posted.Accepted:N0} at {posted.RatePerSecond:N0}/s; draining ...");

        using var registry = new RegistryClient(new HttpClient(), pipeline.Settings.Registry);
        using var watch = new FulfilledWatch(pipeline.Settings.Kafka, pipeline.Settings.Topics, new OrderValues(pipeline.Settings.Topics, registry));
        ServiceProcess[] measured = [pipeline.Validation, pipeline.Fulfillment, pipeline.Payments];
        ProcessUsage paymentsBefore = ProcessUsage.Of(pipeline.Payments.Id);
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(pipeline.Validation.StartAsync(), pipeline.Fulfillment.StartAsync());
        IReadOnlyList<DateTimeOffset> tenths = await watch.ReadAsync(orders, TimeProvider.System);
        ProcessUsage[] usage = [.. measured.Select(service => ProcessUsage.Of(service.Id))];
        usage[2] = usage[2] with { Cpu = usage[2].Cpu - paymentsBefore.Cpu };
        double drainRate = orders / (tenths[^1] - started).TotalSeconds;
        double steadyRate = 0.8 * orders / (tenths[8] - tenths[0]).TotalSeconds;
        Say($"drained at {drainRate:N0}/s from the start of the processes, {steadyRate:N0}/s from 10 % to 90 %; posting at half of it ...");

        double halfRate = drainRate / 2;
        int halfOrders = (int)(halfRate * HalfLoadDuration.TotalSeconds);
        watch.ResetLatency();
        Task<IReadOnlyList<DateTimeOffset>> reading = Task.Run(() => watch.ReadAsync(halfOrders, TimeProvider.System));
        var more = new OrderGenerator(new OrderGeneratorOptions { Orders = halfOrders, Customers = 20_000, Skus = 10_000, LinesMax = 5, Seed = 2 });
        await pipeline.PostAsync(more.Orders(), halfRate, concurrency: 256);
        await reading;
        Say("auditing ...");
        AuditReport report = await pipeline.EndBalancedAsync();
        return Report(machine, drainRate, steadyRate, usage, halfRate, watch, report);
    }

    private string Report(string machine, double drainRate, double steadyRate, ProcessUsage[] usage, double halfRate, FulfilledWatch watch, AuditReport report)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"# Pipeline: {orders:N0} orders drained, payments of {paymentMs:N0} ms over HTTP");
        Line($"");
        Line($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, `./bench pipeline --kafka … --orders {orders} --payment-ms {paymentMs}`. Broker, simulator and load on the same machine.");
        Line($"{machine}.");
        Line($"");
        Line($"| measure | value |");
        Line($"| --- | --- |");
        Line($"| orders/s through both stages, from the start of the two processes | {drainRate:N0} |");
        Line($"| orders/s from the first tenth to the ninth | {steadyRate:N0} |");
        string[] names = ["validation and settlement", "fulfillment", "payment simulator"];
        for (int i = 0; i < names.Length; i++)
        {
            Line($"| {names[i]}: CPU per order, peak memory | {usage[i].Cpu.TotalMicroseconds / orders:N0} µs, {usage[i].PeakMemoryBytes / 1024.0 / 1024:N0} MiB |");
        }

        Line($"| accept → fulfilled at {halfRate:N0}/s, p50 / p99 | {watch.Latency.GetValueAtPercentile(50) / 1000.0:N0} ms / {watch.Latency.GetValueAtPercentile(99) / 1000.0:N0} ms |");
        Line($"| audit | {report.Verdict}: {report.Reconciliation.Fulfilled:N0} fulfilled, {report.Reconciliation.Charged.Sum(charged => charged.Count):N0} charged |");
        return text.ToString();
    }

    private static void Say(FormattableString line) => Console.Error.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Say(string line) => Console.Error.WriteLine(line);
}
