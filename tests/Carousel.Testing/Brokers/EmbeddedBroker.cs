using Xunit;

namespace Carousel.Testing.Brokers;

/// <summary>The embedded broker as users run it: <c>carousel broker</c>.</summary>
public sealed class EmbeddedBroker : IBrokerUnderTest
{
    private readonly string _directory = Directory.CreateTempSubdirectory("carousel-broker-").FullName;
    private readonly ServiceProcess _process;

    private EmbeddedBroker(string[] arguments)
    {
        Port = FreePort.Next();
        _process = new ServiceProcess(
            Path.Combine(_directory, "broker.log"), () => Handshake.IsAnsweredAsync(Port), ["broker", "--data", LogDirectory, "--port", $"{Port}", .. arguments]);
    }

    public string Address => $"127.0.0.1:{Port}";

    public int Port { get; }

    public string LogDirectory => Path.Combine(_directory, "data");

    public int ProcessId => _process.Id;

    /// <summary>What the process has printed so far, lines of all its lives.</summary>
    public string LogFile => _process.LogFile;

    /// <param name="arguments">Options of <c>carousel broker</c> beside <c>--data</c> and <c>--port</c>.</param>
    public static async Task<EmbeddedBroker> StartNewAsync(params string[] arguments)
    {
        var broker = new EmbeddedBroker(arguments);
        try
        {
            await broker.StartAsync();
            return broker;
        }
        catch
        {
            // Its log stays, to be looked at.
            await broker._process.DisposeAsync();
            throw;
        }
    }

    public Task StartAsync() => _process.StartAsync();

    public Task KillAsync() => _process.KillAsync();

    public async Task StopAsync()
    {
        int exitCode = await _process.StopAsync();
        Assert.Equal(0, exitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
