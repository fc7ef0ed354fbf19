using System.Diagnostics;
using System.Globalization;
using Carousel.Kafka;

namespace Carousel.Testing;

/// <summary>The embedded broker as users run it: <c>carousel broker</c>. It ends with the tests, however they end.</summary>
public sealed class EmbeddedBrokerProcess : IBrokerProcess
{
    private const string ReadyLine = "carousel broker runs";
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);
    private readonly string _data = Directory.CreateTempSubdirectory("carousel-broker-").FullName;
    private readonly string[] _arguments;
    private readonly Queue<string> _output = new();
    private Process? _process;

    private EmbeddedBrokerProcess(string[] arguments) => (Port, _arguments) = (FreePort.Next(), arguments);

    public int Port { get; }

    public int ProcessId => (_process ?? throw new InvalidOperationException("The broker doesn't run.")).Id;

    public KafkaOptions Options => new() { BootstrapServers = $"127.0.0.1:{Port}" };

    /// <summary>Starts a broker. Returns when it answers.</summary>
    /// <param name="advertisedPort">Where clients are told to connect, such as a <see cref="TcpProxy"/>'s port; the broker's own by default.</param>
    /// <param name="arguments">More of <c>carousel broker</c>'s own.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it said.</exception>
    public static EmbeddedBrokerProcess Start(int? advertisedPort = null, params string[] arguments)
    {
        var broker = new EmbeddedBrokerProcess([.. advertisedPort is { } port ? ["--advertised-port", Text(port)] : Array.Empty<string>(), .. arguments]);
        broker.Start();
        return broker;
    }

    public Task StartAsync()
    {
        Start();
        return Task.CompletedTask;
    }

    public void Kill()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    public async Task StopAsync()
    {
        Process process = _process ?? throw new InvalidOperationException("The broker doesn't run.");
        using Process kill = Process.Start("kill", ["-TERM", Text(process.Id)]);
        await process.WaitForExitAsync().WithinAsync("the embedded broker stops", ReadyTimeout);
        Kill();
    }

    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }

    /// <summary>Kills it and deletes its data.</summary>
    internal void Remove()
    {
        Kill();
        Directory.Delete(_data, recursive: true);
    }

    private void Start()
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The broker runs already: kill it first.");
        }

        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[CarouselCommand.Path, "broker", "--data", _data, "--port", Text(Port), "--stop-with-parent", .. _arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) =>
        {
            Keep(line.Data);
            if (line.Data is null || line.Data.StartsWith(ReadyLine, StringComparison.Ordinal))
            {
                ready.TrySetResult(line.Data is not null);
            }
        };
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        bool isOver = ready.Task.Wait(ReadyTimeout);
        if (!isOver || !ready.Task.Result)
        {
            Remove();
            lock (_output)
            {
                throw new InvalidOperationException(
                    $"The embedded broker {(isOver ? "ended" : $"didn't run within {ReadyTimeout.TotalSeconds} s")}: {string.Join(" | ", _output)}");
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Keep(string? line)
    {
        const int LinesMax = 20;
        lock (_output)
        {
            if (line is not null)
            {
                _output.Enqueue(line);
            }

            if (_output.Count > LinesMax)
            {
                _output.Dequeue();
            }
        }
    }
}
