using System.Text;
using Carousel.Stages.Engine;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>The ways in which lanes can be wrong.</summary>
internal enum LaneBug
{
    /// <summary>None: plain lanes, to see that it is the bug that is found.</summary>
    None,

    /// <summary>The next record of a key starts when the one before has made its first attempt, whatever came out of it.</summary>
    ReleasedTooEarly,

    /// <summary>A record to be tried again goes behind the others of its key.</summary>
    RetryLosesItsPlace,

    RetryIsNotWaitedFor,

    /// <summary>Attempts of a former owner don't count.</summary>
    AttemptsAreForgotten,

    /// <summary>One attempt more than allowed.</summary>
    OneAttemptTooMany,

    /// <summary>Every record runs at once.</summary>
    NoLanes,

    /// <summary>A record that is to be tried again is taken as done, with nothing to write.</summary>
    RetryIsDropped,
}

/// <summary>Lanes of the simplest kind, with a bug on request. Draining and circuits are as in the engine's own.</summary>
internal sealed class MutantLanes(LaneBug bug, IRecordHandler handler, Finisher finisher, Circuit circuit, StageContext context) : IDispatcher
{
    private readonly Dictionary<(AssignedPartition, string), LinkedList<RecordSlot>> _lanes = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running = 1;

    public Task Idle => _ended.Task;

    public void Dispatch(RecordSlot slot)
    {
        if (slot.Record.Key is not { } key || bug == LaneBug.NoLanes)
        {
            _ = WatchAsync(() => RunAsync(slot));
            return;
        }

        (AssignedPartition, string) id = (slot.Partition, Encoding.UTF8.GetString(key));
        if (_lanes.TryGetValue(id, out LinkedList<RecordSlot>? lane))
        {
            lane.AddLast(slot);
            return;
        }

        _lanes.Add(id, lane = new LinkedList<RecordSlot>([slot]));
        _ = WatchAsync(async () =>
        {
            while (lane.First is { } first)
            {
                lane.RemoveFirst();
                await RunAsync(first.Value, lane);
            }

            _lanes.Remove(id);
        });
    }

    public async Task RunAsync() => await _ended.Task;

    public void Complete() => Finished();

    private async Task WatchAsync(Func<Task> run)
    {
        _running++;
        await Task.Yield();
        try
        {
            await run();
        }
        catch (Exception e)
        {
            // As in the engine's own lanes: the stage halts.
            _ended.TrySetException(e);
        }

        Finished();
    }

    private void Finished()
    {
        if (--_running == 0)
        {
            _ended.TrySetResult();
        }
    }

    private async Task RunAsync(RecordSlot slot, LinkedList<RecordSlot>? lane = null)
    {
        try
        {
            while (!slot.IsFinished)
            {
                if (slot.Retry?.Left(context.Time) is { Ticks: > 0 } left && bug != LaneBug.RetryIsNotWaitedFor)
                {
                    await Task.Delay(left, context.Time, slot.Partition.Draining);
                }

                long generation = await circuit.EnterAsync(slot.Partition.Draining);
                if (!slot.TryEnter())
                {
                    circuit.OnAbandoned(generation);
                    return;
                }

                try
                {
                    await TryAsync(slot, generation);
                }
                finally
                {
                    slot.Leave();
                }

                if (!slot.IsFinished && slot.Retry is not null && bug == LaneBug.RetryLosesItsPlace && lane is { Count: > 0 })
                {
                    lane.AddLast(slot);
                    return;
                }

                if (!slot.IsFinished && bug == LaneBug.ReleasedTooEarly)
                {
                    _ = WatchAsync(() => RunAsync(slot));
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (slot.Partition.Draining.IsCancellationRequested)
        {
            // The next owner takes it.
        }
    }

    private async Task TryAsync(RecordSlot slot, long generation)
    {
        int attempts = bug == LaneBug.AttemptsAreForgotten && slot.Retry?.SinceTimestamp == slot.FetchedTimestamp ? 0 : slot.Retry?.Attempts ?? 0;
        int max = context.Options.Retry.AttemptsMax + (bug == LaneBug.OneAttemptTooMany ? 1 : 0);
        var delivery = new Delivery(slot.Record, attempts + 1, TimeSpan.Zero, attempts + 1 >= max);
        try
        {
            Outcome outcome = await handler.HandleAsync(delivery, slot.Partition.Ended);
            if (outcome is Outcome.Retry { } last && delivery.IsLastAttempt)
            {
                outcome = new Outcome.DeadLettered(DeadLetterKind.Exhausted, last.Reason, last.Detail, last.Subject);
            }

            switch (outcome)
            {
                case Outcome.Unavailable unavailable:
                    circuit.OnUnavailable(generation, unavailable.Dependency, unavailable.Detail);
                    return;
                case Outcome.Retry when bug == LaneBug.RetryIsDropped:
                    finisher.Complete(slot, Outcome.Nothing, null);
                    break;
                case Outcome.Retry retry:
                    slot.RetryLater(new RetryState(attempts + 1, context.Time.GetTimestamp(), retry.After ?? TimeSpan.Zero, TimeSpan.Zero));
                    slot.Partition.MarkDirty();
                    break;
                case Outcome.DeadLettered deadLettered:
                    await finisher.DeadLetterAsync(slot, deadLettered, delivery.Attempt, null, slot.Partition.Ended);
                    break;
                case Outcome.Completed completed:
                    finisher.Complete(slot, completed, null);
                    break;
            }

            circuit.OnAvailable(generation);
        }
        catch (OperationCanceledException)
        {
            circuit.OnAbandoned(generation);
            throw;
        }
    }
}
