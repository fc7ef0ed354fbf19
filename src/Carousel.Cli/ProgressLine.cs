using Spectre.Console;

namespace Carousel.Cli;

/// <summary>Shows how long work goes: one line with a spinner on a terminal, a plain line every few seconds elsewhere. To standard error.</summary>
internal static class ProgressLine
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs the work, which says where it stands as often as it likes, from any thread.</summary>
    public static Task<T> ShowAsync<T>(string start, Func<Action<string>, Task<T>> work) =>
        Console.IsErrorRedirected ? PlainAsync(work, TimeProvider.System) : TerminalAsync(start, work);

    private static Task<T> TerminalAsync<T>(string start, Func<Action<string>, Task<T>> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Status().StartAsync(Markup.Escape(start), context => work(text => context.Status(Markup.Escape(text))));
    }

    private static async Task<T> PlainAsync<T>(Func<Action<string>, Task<T>> work, TimeProvider time)
    {
        var shown = new Lock();
        long last = 0;
        string? pending = null;
        T result = await work(text =>
        {
            lock (shown)
            {
                bool due = last == 0 || time.GetElapsedTime(last) >= PlainInterval;
                pending = due ? null : text;
                if (due)
                {
                    last = time.GetTimestamp();
                    Console.Error.WriteLine(text);
                }
            }
        });

        // The last word is always said.
        if (pending is not null)
        {
            await Console.Error.WriteLineAsync(pending);
        }

        return result;
    }
}

/// <summary>Reports on the thread that reports, so that no report comes after the last.</summary>
internal sealed class ImmediateProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
