using System.CommandLine;
using System.Globalization;

namespace Carousel.Bench;

internal static class StagesBenchCommand
{
    public static Command Create()
    {
        var kafka = new Option<string?>("--kafka") { Description = "Apache Kafka, host:port" };
        var embedded = new Option<bool>("--embedded") { Description = "on an embedded broker of its own, too or alone" };
        var scale = new Option<double>("--scale") { Description = "multiplies all loads; 10 lets 2,000,000 orders wait", DefaultValueFactory = _ => 1 };
        var only = new Option<StagesMeasurement[]>("--only") { Description = "the pipeline of processes, or the engine alone", AllowMultipleArgumentsPerToken = true };
        Option<DirectoryInfo> results = BenchResults.Option();
        var command = new Command("stages", "What the stages must reach: rates, cost of exactly once, flash sale, retries, latency, memory") { kafka, embedded, scale, only, results };
        command.SetAction(async (parsed, _) =>
        {
            StagesMeasurement[] wanted = parsed.GetValue(only) is { Length: > 0 } named ? named : Enum.GetValues<StagesMeasurement>();
            string machine = MachineState.Describe();
            string tables = "";
            if (parsed.GetValue(kafka) is { } address)
            {
                tables += await new StagesBench("Apache Kafka", address, parsed.GetValue(scale)).RunAsync(wanted);
            }

            if (parsed.GetValue(embedded))
            {
                await using MeasuredBroker broker = await MeasuredBroker.StartEmbeddedAsync();
                tables += await new StagesBench("the embedded broker", broker.Options.BootstrapServers, parsed.GetValue(scale)).RunAsync(wanted);
            }

            if (tables.Length == 0)
            {
                await Console.Error.WriteLineAsync("Nothing to measure on: give --kafka HOST:PORT, --embedded, or both.");
                return 1;
            }

            string date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            string arguments = string.Join(' ', parsed.Tokens.Select(token => token.Value));
            await BenchResults.StoreAsync(
                parsed.GetValue(results)!,
                "stages",
                $"# The stages\n\n{date} UTC, `./bench {arguments}`. Broker, payment simulator and load on the same machine; ratios from turns in the order A B B A.\n{machine}.\n\n{tables}");
            return 0;
        });
        return command;
    }
}
