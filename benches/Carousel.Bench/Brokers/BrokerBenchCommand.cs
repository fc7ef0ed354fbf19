using System.CommandLine;
using System.Globalization;
using Carousel.Testing;

namespace Carousel.Bench;

internal static class BrokerBenchCommand
{
    public static Command Create()
    {
        var scale = new Option<double>("--scale") { Description = "multiplies all loads", DefaultValueFactory = _ => 1 };
        var rounds = new Option<int>("--rounds") { Description = "how often each pair takes its turns, in the order A B B A", DefaultValueFactory = _ => 1 };
        var soak = new Option<double>("--soak") { Description = "minutes at full speed while the memory is watched", DefaultValueFactory = _ => 0.5 };
        var only = new Option<BrokerMeasurement[]>("--only") { Description = "these measurements alone", AllowMultipleArgumentsPerToken = true };
        Option<DirectoryInfo> results = BenchResults.Option();
        var command = new Command("broker", "The embedded broker beside Apache Kafka: rates, latency, start, memory") { scale, rounds, soak, only, results };
        command.SetAction(async (parsed, _) =>
        {
            var options = new BrokerBenchOptions(
                parsed.GetValue(scale), parsed.GetValue(rounds), TimeSpan.FromMinutes(parsed.GetValue(soak)), parsed.GetValue(only) ?? []);
            string? kafkaHome = Environment.GetEnvironmentVariable(KafkaProcess.HomeVariable) is { Length: > 0 } home ? home : null;
            if (kafkaHome is null)
            {
                await Console.Error.WriteLineAsync($"Apache Kafka isn't here ({KafkaProcess.HomeVariable}), so there is nothing to compare with.");
            }

            BrokerReport report = await new BrokerBench(options, kafkaHome).RunAsync($"./bench {string.Join(' ', parsed.Tokens.Select(token => token.Value))}");
            string date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            await BenchResults.StoreAsync(parsed.GetValue(results)!, "broker", report.Markdown(date));
        });
        return command;
    }
}
