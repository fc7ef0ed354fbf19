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
    private readonly int? _advertisedPort;
    private readonly Queue<string> _output = new();
    private Process? _process;

    private EmbeddedBrokerProcess(int? advertisedPort) => (Port, _advertisedPort) = (FreePort.Next(), advertisedPort);

    public int Port { get; }

    public KafkaOptions Options => new() { BootstrapServers = $"127.0.0.1:{Port}" };

    /// <summary>Starts a broker. Returns when it answers.</summary>
    /// <param name="advertisedPort">Where clients are told to connect, such as a <see cref="TcpProxy"/>'s port; the broker's own by default.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it said.</exception>
    public static EmbeddedBrokerProcess Start(int? advertisedPort = null)
    {
        var broker = new EmbeddedBrokerProcess(advertisedPort);
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
        string[] advertised = _advertisedPort is { } port ? ["--advertised-port", Text(port)] : [];
        foreach (string argument in (string[])[CarouselCommand.Path, "broker", "--data", _data, "--port", Text(Port), "--stop-with-parent", .. advertised])
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
