using System.Diagnostics;
using System.Globalization;

namespace Carousel.Testing;

/// <summary>One service as users run it: a process of the built command. It can be killed without warning and started again.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(180);
    private readonly string[] _arguments;
    private readonly Func<Task<bool>>? _isReady;
    private readonly StreamWriter _log;
    private Process? _process;
    private Task _output = Task.CompletedTask;

    /// <param name="isReady">Asked until it says yes; null where running is enough.</param>
    public ServiceProcess(string logFile, Func<Task<bool>>? isReady, params string[] arguments)
    {
        _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        LogFile = logFile;
        _isReady = isReady;
        _arguments = arguments;
    }

    public string LogFile { get; }

    /// <summary>The largest resident size any of its processes reached, bytes.</summary>
    public long PeakMemoryBytes { get; private set; }

    /// <summary>A service ends with the tests that started it, however they end.</summary>
    public bool StopsWithParent { get; init; } = true;

    /// <summary>Variables of its environment, beside those of the tests'.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(CarouselCommand.Path);
        foreach (string argument in StopsWithParent ? [.. _arguments, "--stop-with-parent"] : _arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _output = Task.WhenAll(CopyAsync(_process.StandardOutput), CopyAsync(_process.StandardError));
        if (_isReady is not null)
        {
            Task ready = Eventually.TrueAsync($"{_arguments[0]} is ready (its log: {LogFile})", _isReady, ready => ready, ReadyTimeout);
            if (await Task.WhenAny(ready, _process.WaitForExitAsync()) != ready)
            {
                await _output;
                throw new InvalidOperationException($"{_arguments[0]} ended with exit code {_process.ExitCode} before it was ready (its log: {LogFile}).");
            }

            await ready;
        }
    }

    /// <summary>The process as it runs now.</summary>
    public int Id => (_process ?? throw new InvalidOperationException($"{_arguments[0]} doesn't run.")).Id;

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            ReadPeakMemory(process);
            process.Kill();
            await process.WaitForExitAsync();
            await _output;
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>SIGTERM, as an orchestrator stops it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        Process process = _process ?? throw new InvalidOperationException($"{_arguments[0]} doesn't run.");
        ReadPeakMemory(process);
        using Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(180));
        await _output;
        int exitCode = process.ExitCode;
        process.Dispose();
        _process = null;
        return exitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _log.DisposeAsync();
    }

    /// <summary>Looks at what the running process has needed so far (VmHWM of proc(5)).</summary>
    public void ReadPeakMemory()
    {
        if (_process is { } process)
        {
            ReadPeakMemory(process);
        }
    }

    private void ReadPeakMemory(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        string? line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        if (line is not null)
        {
            long kibibytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            PeakMemoryBytes = Math.Max(PeakMemoryBytes, kibibytes * 1024);
        }
    }

    private async Task CopyAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_log)
            {
                _log.WriteLine(line);
            }
        }
    }
}
