using System.CommandLine;

namespace Carousel.Bench;

internal static class PipelineBenchCommand
{
    public static Command Create()
    {
        var kafka = new Option<string>("--kafka") { Description = "Apache Kafka, host:port", Required = true };
        var orders = new Option<int>("--orders") { Description = "orders that wait", DefaultValueFactory = _ => 100_000 };
        var paymentMs = new Option<double>("--payment-ms") { Description = "how long a payment takes", DefaultValueFactory = _ => 100 };
        Option<DirectoryInfo> results = BenchResults.Option();
        var command = new Command("pipeline", "Orders/s through both stages, CPU per order, latency at half load, peak memory") { kafka, orders, paymentMs, results };
        command.SetAction(async (parsed, _) =>
        {
            string report = await new PipelineBench(parsed.GetValue(kafka)!, parsed.GetValue(orders), parsed.GetValue(paymentMs)).RunAsync();
            await BenchResults.StoreAsync(parsed.GetValue(results)!, "pipeline", report);
        });
        return command;
    }
}
