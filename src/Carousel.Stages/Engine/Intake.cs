using Carousel.Stages.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

/// <summary>
/// Polls the log and hands records to the dispatcher, as long as the window has room. Full, it stops polling; full for longer than a second it pauses
/// the partitions, since the group wants to hear from it, and a pause throws away what the client library fetched ahead.
/// </summary>
internal sealed partial class Intake(
    IStageConsumer consumer, Assignment assignment, Window window, IDispatcher dispatcher, StageOptions options, StageMetrics metrics, TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FullUntilPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);

    private bool _paused;
    private int _pausedVersion;

    /// <summary>Runs until cancelled; whatever was polled by then has been dispatched.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await MakeRoomAsync(cancellationToken);
                Accept(await consumer.PollAsync(PollTimeout));
            }
            catch (LogException e) when (!e.IsFatal)
            {
                LogPollFailed(logger, e, options.Name);
                await Task.Delay(PauseAfterError, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    private void Accept(IReadOnlyList<SourceRecord> records)
    {
        foreach (SourceRecord record in records)
        {
            if (assignment.Find(record.Partition) is not { } partition)
            {
                // Fetched before a rebalance took the partition; its new owner reads it again.
                continue;
            }

            var slot = new RecordSlot(partition, record);
            window.Add(slot);
            partition.Append(slot);
            metrics.OnFetched(record.Partition.Topic);
            dispatcher.Dispatch(slot);
        }
    }

    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_paused && window.IsHalfEmpty)
        {
            consumer.Resume([.. assignment.Partitions.Select(partition => partition.Id)]);
            _paused = false;
        }

        long started = time.GetTimestamp();
        while (!_paused && window.IsFull && !cancellationToken.IsCancellationRequested)
        {
            TimeSpan left = FullUntilPause - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                Pause();
                return;
            }

            await WaitForReleaseAsync(left, cancellationToken);
        }

        if (_paused && _pausedVersion != assignment.Version)
        {
            // A rebalance brought partitions that aren't paused.
            Pause();
        }
    }

    private void Pause()
    {
        LogPaused(logger, options.Name, window.Records, window.Bytes);
        consumer.Pause([.. assignment.Partitions.Select(partition => partition.Id)]);
        _paused = true;
        _pausedVersion = assignment.Version;
    }

    private async Task WaitForReleaseAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await window.Released.WaitAsync(timeout, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop above sees that the stage stops.
        }
    }
}
