using System.Threading.Channels;
using Carousel.Broker.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

/// <summary>The loops that look after a data directory's partitions. A full disk makes one round fail, not the loop.</summary>
internal sealed partial class PartitionUpkeep(PartitionSet partitions, LogContext context, PartitionSetOptions options)
{
    public Task CheckpointsAsync(CancellationToken cancellationToken) =>
        EveryAsync(options.CheckpointInterval, "Writing the checkpoints", () => partitions.CheckpointAsync(cancellationToken), cancellationToken);

    public Task RetentionAsync(Retention retention, CancellationToken cancellationToken) => EveryAsync(
        options.RetentionInterval,
        "Retention",
        () =>
        {
            foreach (Partition partition in partitions.Partitions)
            {
                retention.Apply(partition);
            }

            return Task.CompletedTask;
        },
        cancellationToken);

    /// <summary>On a thread of its own while it works: a round may take seconds.</summary>
    public Task CompactionAsync(LogCleaner cleaner, CancellationToken cancellationToken) => EveryAsync(
        options.CleanerInterval,
        "Compaction",
        () => Task.Factory.StartNew(
            () =>
            {
                while (cleaner.CleanDirtiest(partitions.Partitions, cancellationToken))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default),
        cancellationToken);

    public async Task RemovalsAsync(DataDirectory directory, ChannelReader<string> paths, CancellationToken cancellationToken)
    {
        await foreach (string path in paths.ReadAllAsync(cancellationToken))
        {
            try
            {
                directory.Remove(path);
            }
            catch (IOException e)
            {
                // The next start finds it again.
                LogFailed(context.Logger, $"Removing {path}", e.Message);
            }
        }
    }

    private async Task EveryAsync(TimeSpan interval, string what, Func<Task> work, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, context.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await work();
            }
            catch (IOException e)
            {
                LogFailed(context.Logger, what, e.Message);
            }
        }
    }

    [LoggerMessage(3404, LogLevel.Warning, "{What} failed and will be tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string what, string reason);
}
