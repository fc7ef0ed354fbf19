using System.Collections.Concurrent;
using System.Diagnostics;
using Carousel.Testing;

namespace Carousel.Conformance.Tests.Processes;

/// <summary>A tool that goes on until it is ended, and whose lines are looked at meanwhile.</summary>
internal sealed class RunningTool : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    public RunningTool(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has printed so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>SIGTERM, on which Kafka's tools leave their groups.</summary>
    public async Task StopAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WithinAsync($"the tool ends; its lines: {string.Join('\n', _lines.TakeLast(20))}", TimeSpan.FromSeconds(120));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
