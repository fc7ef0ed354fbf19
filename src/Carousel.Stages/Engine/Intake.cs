using Carousel.Stages.Log;

namespace Carousel.Stages.Engine;

/// <summary>
/// Polls the log and hands records to the dispatcher, as long as the window has room. Full, it stops polling; full for longer than a second it pauses
/// the partitions, since the group wants to hear from it, and a pause throws away what the client library fetched ahead.
/// </summary>
internal sealed partial class Intake(
    IStageConsumer consumer, Assignment assignment, Window window, IDispatcher dispatcher, ProgressLog progressLog, StageContext context)
{
    private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FullUntilPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(1);
    private readonly List<TakeOver> _takeOvers = [];
    private bool _paused;
    private int _pausedVersion;

    /// <summary>Runs until cancelled; whatever was polled by then has been dispatched, or is the next owner's.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await MakeRoomAsync(cancellationToken);
                    IReadOnlyList<SourceRecord> records = await consumer.PollAsync(PollTimeout);
                    StartTakeOvers(cancellationToken);
                    Accept(records);
                    await CompleteTakeOversAsync(cancellationToken);
                }
                catch (LogException e) when (!e.IsFatal)
                {
                    LogPollFailed(context.Logger, e, context.Options.Name);
                    await Task.Delay(PauseAfterError, context.Time, cancellationToken)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                }
            }
        }
        finally
        {
            foreach (TakeOver takeOver in _takeOvers)
            {
                await takeOver.AbandonAsync();
                Release(takeOver.Held);
            }
        }
    }

    private void StartTakeOvers(CancellationToken cancellationToken)
    {
        if (assignment.TakeAdded() is { Count: > 0 } added)
        {
            _takeOvers.Add(new TakeOver(added, progressLog, context, window.Released.Set, cancellationToken));
        }
    }

    /// <summary>Lets the records go on that were held for a former owner's progress, which is known now.</summary>
    private async Task CompleteTakeOversAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _takeOvers.Count && !cancellationToken.IsCancellationRequested;)
        {
            TakeOver takeOver = _takeOvers[i];
            if (!takeOver.IsRead)
            {
                i++;
                continue;
            }

            await takeOver.CompleteAsync(context.Time);
            _takeOvers.RemoveAt(i);
            foreach (RecordSlot slot in takeOver.Held)
            {
                if (slot.Partition.IsEnded)
                {
                    window.Release(slot);
                }
                else
                {
                    Dispatch(slot);
                }
            }
        }
    }

    private void Accept(IReadOnlyList<SourceRecord> records)
    {
        long now = context.Time.GetTimestamp();
        foreach (SourceRecord record in records)
        {
            if (assignment.Find(record.Partition) is not { } partition)
            {
                // Fetched before a rebalance took the partition; its new owner reads it again.
                continue;
            }

            var slot = new RecordSlot(partition, record, now);
            window.Add(slot);
            context.Metrics.OnFetched(record.Partition.Topic);
            if (partition.Inheritance is null)
            {
                _takeOvers.Find(takeOver => takeOver.Includes(partition))!.Hold(slot);
            }
            else
            {
                Dispatch(slot);
            }
        }
    }

    private void Dispatch(RecordSlot slot)
    {
        if (!slot.Partition.TryExpect(slot.Record.Offset))
        {
            context.Metrics.OnSkipped(slot.Record.Partition.Topic);
            window.Release(slot);
            return;
        }

        if (slot.Partition.Inheritance!.Retry(slot.Record.Offset) is { } retry)
        {
            slot.RetryLater(retry);
        }

        slot.Partition.Ledger.Append(slot);
        dispatcher.Dispatch(slot);
    }

    private void Release(IReadOnlyList<RecordSlot> slots)
    {
        foreach (RecordSlot slot in slots)
        {
            window.Release(slot);
        }
    }

    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        if (_paused && window.IsHalfEmpty)
        {
            consumer.Resume([.. assignment.Partitions.Select(partition => partition.Id)]);
            _paused = false;
        }

        long started = context.Time.GetTimestamp();
        while (!_paused && window.IsFull && !cancellationToken.IsCancellationRequested)
        {
            TimeSpan left = FullUntilPause - context.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                Pause();
                return;
            }

            await WaitForReleaseAsync(left, cancellationToken);
            await CompleteTakeOversAsync(cancellationToken);
        }

        if (_paused && _pausedVersion != assignment.Version)
        {
            // A rebalance brought partitions that aren't paused.
            Pause();
        }
    }

    private void Pause()
    {
        LogPaused(context.Logger, context.Options.Name, window.Records, window.Bytes);
        consumer.Pause([.. assignment.Partitions.Select(partition => partition.Id)]);
        _paused = true;
        _pausedVersion = assignment.Version;
    }

    private async Task WaitForReleaseAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await window.Released.WaitAsync(timeout, context.Time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The loop above sees that the stage stops.
        }
    }
}
