
namespace Carousel.Testing.Pipeline.Brokers;

/// <summary>Apache Kafka, from its start script.</summary>
internal sealed class KafkaBroker : IBrokerUnderTest
{
    private readonly KafkaProcess _process;

    private KafkaBroker(KafkaProcess process) => _process = process;

    public string Address => $"127.0.0.1:{Port}";

    public int Port => _process.Port;

    public string LogDirectory => _process.LogDirectory;

    public int ProcessId => _process.ProcessId;

    /// <summary>Starts a broker, or skips the test where none is installed.</summary>
    public static async Task<KafkaBroker> StartOrSkipAsync(params string[] properties) => new(await KafkaProcess.StartOrSkipAsync(properties: properties));

    public Task StartAsync() => _process.StartAsync();

    public Task KillAsync()
    {
        _process.Kill();
        return Task.CompletedTask;
    }

    public Task StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
