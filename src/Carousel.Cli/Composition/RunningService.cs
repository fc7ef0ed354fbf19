using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Carousel.Cli.Composition;

/// <summary>A service that was started. <see cref="Completion"/> ends when it stops, by request or by an error that ended it.</summary>
internal sealed class RunningService(string name, Task completion, Func<Task> stop) : IAsyncDisposable
{
    public string Name { get; } = name;

    public Task Completion { get; } = completion;

    /// <summary>Stops it and waits until it has; safe to call again.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Starts a web service, which listens when this returns.</summary>
    public static async Task<RunningService> StartAsync(string name, WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        async Task RunAsync()
        {
            await app.WaitForShutdownAsync(CancellationToken.None);
            await app.DisposeAsync();
        }

        Task completion = RunAsync();
        return new RunningService(name, completion, () =>
        {
            if (!completion.IsCompleted)
            {
                app.Lifetime.StopApplication();
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Runs a loop until it is stopped.</summary>
    public static RunningService Start(string name, Func<CancellationToken, Task> run)
    {
        var stopping = new CancellationTokenSource();
        async Task RunAsync()
        {
            using (stopping)
            {
                await run(stopping.Token);
            }
        }

        Task completion = Task.Run(RunAsync, CancellationToken.None);
        return new RunningService(name, completion, () => completion.IsCompleted ? Task.CompletedTask : stopping.CancelAsync());
    }
}
