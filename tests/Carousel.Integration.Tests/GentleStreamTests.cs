using System.Globalization;
using Carousel.Testing;
using Carousel.Testing.Pipeline;

namespace Carousel.Integration.Tests;

/// <summary>What a newcomer sees first: the wheel turns until Ctrl-C, and the books balance.</summary>
[OnEveryBroker]
public sealed class GentleStreamTests
{
    [Fact]
    public async Task Without_a_number_of_orders_the_wheel_turns_until_it_is_told_to_stop_and_ends_well()
    {
        string kafka = TestKafka.RequireOrSkip().BootstrapServers;
        string directory = Directory.CreateTempSubdirectory("carousel-stream-").FullName;
        int port = FreePort.NextRun(4);
        await using (var up = new ServiceProcess(
            Path.Combine(directory, "up.log"), null,
            "up", "--kafka", kafka, "--topic-prefix", TestKafka.UniquePrefix(), "--data", Path.Combine(directory, "data"), "--port", port.ToString(CultureInfo.InvariantCulture)) { StopsWithParent = false })
        {
            await up.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port + 3}") };
            await Eventually.TrueAsync(
                "orders are charged",
                () => http.GetStringAsync(new Uri("/v1/ledger", UriKind.Relative)),
                ledger => ledger.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length >= 10,
                TimeSpan.FromSeconds(90));
            Assert.Equal(0, await up.StopAsync());
            Assert.Contains("The books balance", await File.ReadAllTextAsync(up.LogFile), StringComparison.Ordinal);
        }

        Directory.Delete(directory, recursive: true);
    }
}
