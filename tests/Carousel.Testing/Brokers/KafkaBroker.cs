namespace Carousel.Testing.Brokers;

/// <summary>Apache Kafka, from its start script.</summary>
public sealed class KafkaBroker : IBrokerUnderTest
{
    private readonly KafkaProcess _process;

    private KafkaBroker(KafkaProcess process) => _process = process;

    public string Address => $"127.0.0.1:{Port}";

    public int Port => _process.Port;

    public string LogDirectory => _process.LogDirectory;

    public int ProcessId => _process.ProcessId;

    /// <summary>Starts a broker, or skips the test where none is installed.</summary>
    public static Task<KafkaBroker> StartOrSkipAsync(params string[] properties) => StartOrSkipAsync(advertisedPort: null, properties);

    /// <inheritdoc cref="StartOrSkipAsync(string[])"/>
    /// <param name="advertisedPort">Where clients are told to connect; the broker's own port by default.</param>
    public static async Task<KafkaBroker> StartOrSkipAsync(int? advertisedPort, params string[] properties) =>
        new(await KafkaProcess.StartOrSkipAsync(advertisedPort, properties));

    public Task StartAsync() => _process.StartAsync();

    public Task KillAsync()
    {
        _process.Kill();
        return Task.CompletedTask;
    }

    public Task StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
