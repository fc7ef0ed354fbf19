using System.Diagnostics;
using System.Globalization;
using Carousel.Kafka;
using Confluent.Kafka;
using Xunit;

namespace Carousel.Testing;

/// <summary>
/// An Apache Kafka broker of the test's own, in a process that can be killed and started again on the same data. Disposing kills it and deletes the data.
/// </summary>
public sealed class KafkaProcess : IAsyncDisposable
{
    /// <summary>Environment variable with the folder that holds <c>start DATA_DIR PORT [KEY=VALUE…]</c>.</summary>
    public const string HomeVariable = "CAROUSEL_TEST_KAFKA_HOME";

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(180);
    private readonly string _home;
    private readonly string _data;
    private readonly string[] _properties;
    private Process? _process;

    internal KafkaProcess(string home, int port, string[] properties)
    {
        (_home, Port, _properties) = (home, port, properties);
        _data = Path.Combine(Path.GetTempPath(), $"carousel-kafka-{Guid.NewGuid():N}");
    }

    /// <summary>Where the broker listens; Port + 1 is its controller's.</summary>
    public int Port { get; }

    /// <summary>The folder with a folder per partition.</summary>
    public string LogDirectory => Path.Combine(_data, "log");

    public int ProcessId => (_process ?? throw new InvalidOperationException("The broker doesn't run.")).Id;

    public KafkaOptions Options => new() { BootstrapServers = $"127.0.0.1:{Port}" };

    /// <summary>Starts a broker, or skips the test where none is installed. Returns when it answers.</summary>
    /// <param name="advertisedPort">Where clients are told to connect, such as a <see cref="TcpProxy"/>'s port; the broker's own by default.</param>
    /// <param name="properties">Broker properties, <c>key=value</c>.</param>
    public static async Task<KafkaProcess> StartOrSkipAsync(int? advertisedPort = null, params string[] properties)
    {
        string home = HomeOrSkip();
        string[] advertised = advertisedPort is { } port ? [$"advertised.listeners=PLAINTEXT://127.0.0.1:{port}"] : [];
        var kafka = new KafkaProcess(home, FreePort.NextRun(2), [.. advertised, .. properties]);
        try
        {
            await kafka.StartAsync();
            return kafka;
        }
        catch
        {
            await kafka.DisposeAsync();
            throw;
        }
    }

    /// <summary>The folder with the start script, or the test is skipped where there is none.</summary>
    internal static string HomeOrSkip()
    {
        string? home = Environment.GetEnvironmentVariable(HomeVariable);
        if (string.IsNullOrEmpty(home))
        {
            Assert.Skip($"Needs Apache Kafka's start script: set {HomeVariable} to its folder, or run ./test beside ../shared/kafka.");
        }

        return home!;
    }

    /// <summary>Starts the broker again on its data, after <see cref="Kill"/>. Returns when it answers.</summary>
    public async Task StartAsync()
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The broker runs already: kill it first.");
        }

        var start = new ProcessStartInfo(Path.Combine(_home, "start"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { _data, Port.ToString(CultureInfo.InvariantCulture) },
        };
        foreach (string property in _properties)
        {
            start.ArgumentList.Add(property);
        }

        var output = new Queue<string>();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(output, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.TrueAsync($"Kafka answers on port {Port}", () => IsReady(output), ready => ready, ReadyTimeout);
    }

    /// <summary>kill -9: nothing is flushed, nobody is told.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }

    public async Task StopAsync()
    {
        Process process = _process ?? throw new InvalidOperationException("The broker doesn't run.");
        using Process kill = Process.Start("kill", ["-TERM", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync().WithinAsync("Kafka stops", ReadyTimeout);
        Kill();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The broker is asked directly: what it advertises may be a proxy that isn't there yet.</summary>
    private bool IsReady(Queue<string> output)
    {
        if (_process!.HasExited)
        {
            lock (output)
            {
                throw new InvalidOperationException($"Kafka ended with exit code {_process.ExitCode}: {string.Join(" | ", output)}");
            }
        }

        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(Options, "test")).SetLogHandler((_, _) => { }).Build();
        return admin.GetMetadata(TimeSpan.FromSeconds(2)).Brokers.Count > 0;
    }

    private static void Keep(Queue<string> output, string? line)
    {
        const int LinesMax = 20;
        lock (output)
        {
            if (line is not null)
            {
                output.Enqueue(line);
            }

            if (output.Count > LinesMax)
            {
                output.Dequeue();
            }
        }
    }
}
