using System.Diagnostics;
using System.Globalization;
using Carousel.Cli.Commands;
using Carousel.Cli.Composition;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Up;

/// <summary>
/// The payment simulator as a process of its own, as a real provider would be. It lives no longer than this process, however this one ends:
/// it stops when its standard input is closed.
/// </summary>
internal static class PaymentsProcess
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Returns when it answers.</summary>
    /// <exception cref="CommandFailedException">It ended instead; the message holds what it said.</exception>
    public static async Task<RunningService> StartAsync(string dataDirectory, int port, int adminPort, LogLevel log, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };

        // Under `dotnet carousel.dll` the process is the host, and the first argument is the assembly.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(PaymentsProcess).Assembly.Location);
        }

        foreach (string argument in (string[])
            ["payments", "--data", dataDirectory, "--port", Text(port), "--admin-port", Text(adminPort), "--log", log.ToString(), ServiceCommand.StopWithParent])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start) ?? throw new CommandFailedException("The payment simulator's process can't be started.");
        Task output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        await WaitUntilItAnswersAsync(process, adminPort, cancellationToken);
        Task completion = CompleteAsync(process, output);
        return new RunningService("payments", completion, async () =>
        {
            if (!process.HasExited)
            {
                process.StandardInput.Close();
                await Task.WhenAny(completion, Task.Delay(StopTimeout));
                if (!completion.IsCompleted)
                {
                    process.Kill();
                }
            }
        });
    }

    private static async Task CompleteAsync(Process process, Task output)
    {
        await process.WaitForExitAsync(CancellationToken.None);
        await output;
        if (process.ExitCode != ExitCodes.Done)
        {
            throw new CommandFailedException($"The payment simulator ended with exit code {process.ExitCode}; what it said stands above.");
        }
    }

    private static async Task WaitUntilItAnswersAsync(Process process, int adminPort, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{adminPort}") };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(StartTimeout);
        while (!process.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri("/faults", UriKind.Relative), timeout.Token);
                return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet. Another process's start can only be asked for again.
                await Task.Delay(TimeSpan.FromMilliseconds(50), timeout.Token);
            }
        }

        throw new CommandFailedException($"The payment simulator ended with exit code {process.ExitCode} at its start; what it said stands above.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
