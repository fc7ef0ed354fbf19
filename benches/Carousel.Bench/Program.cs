using System.CommandLine;
using System.Globalization;
using Carousel.Bench;

var kafka = new Option<string>("--kafka") { Description = "Apache Kafka, host:port", Required = true };
var orders = new Option<int>("--orders") { Description = "orders that wait", DefaultValueFactory = _ => 100_000 };
var paymentMs = new Option<double>("--payment-ms") { Description = "how long a payment takes", DefaultValueFactory = _ => 100 };
var results = new Option<DirectoryInfo>("--results") { Description = "where the result is stored", DefaultValueFactory = _ => new DirectoryInfo("benches/results") };
var pipeline = new Command("pipeline", "Orders/s through both stages, CPU per order, latency at half load, peak memory") { kafka, orders, paymentMs, results };
pipeline.SetAction(async (parsed, _) =>
{
    string report = await new PipelineBench(parsed.GetValue(kafka)!, parsed.GetValue(orders), parsed.GetValue(paymentMs)).RunAsync();
    DirectoryInfo folder = parsed.GetValue(results)!;
    folder.Create();
    string file = Path.Combine(folder.FullName, $"pipeline-{TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmm", CultureInfo.InvariantCulture)}.md");
    await File.WriteAllTextAsync(file, report, CancellationToken.None);
    Console.Write(report);
    Console.Error.WriteLine($"Stored in {file}.");
});
return await new RootCommand("Measures Carousel; see benches/README.md for what the figures mean") { pipeline }.Parse(args).InvokeAsync();
