using System.Diagnostics;
using System.IO.Hashing;

namespace Carousel.Stages.Engine;

/// <summary>
/// Records of one key form a lane and run one after another; lanes run at the same time. A lane that waits for a retry holds up nobody else.
/// A lane is known by its key's 64-bit hash within its partition: two keys that collide merely wait for each other. Records without a key have no order.
/// </summary>
internal sealed class LaneDispatcher(
    IRecordHandler handler, Finisher finisher, Circuit circuit, StageContext context)
    : IDispatcher
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(AssignedPartition, ulong), Queue<RecordSlot>> _lanes = [];
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running = 1;

    public void Dispatch(RecordSlot slot)
    {
        if (slot.Record.Key is not { } key)
        {
            Start(slot, null);
            return;
        }

        (AssignedPartition, ulong) lane = (slot.Partition, XxHash3.HashToUInt64(key));
        lock (_lock)
        {
            if (_lanes.TryGetValue(lane, out Queue<RecordSlot>? waiting))
            {
                waiting.Enqueue(slot);
                return;
            }

            _lanes.Add(lane, new Queue<RecordSlot>(0));
        }

        Start(slot, lane);
    }

    public Task Idle => _idle.Task;

    public async Task RunAsync() => await _ended.Task;

    public void Complete() => Finished();

    private void Start(RecordSlot first, (AssignedPartition, ulong)? lane)
    {
        Interlocked.Increment(ref _running);
        _ = RunLaneAsync(first, lane);
    }

    private void Finished()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ended.TrySetResult();
            _idle.TrySetResult();
        }
    }

    /// <summary>Runs the records of a lane, or one without, and makes what they threw the end of <see cref="RunAsync()"/>: nothing is forgotten.</summary>
    private async Task RunLaneAsync(RecordSlot first, (AssignedPartition, ulong)? lane)
    {
        try
        {
            for (RecordSlot? slot = first; slot is not null; slot = lane is { } key ? Next(key) : null)
            {
                await RunAsync(slot);
            }
        }
        catch (Exception e)
        {
            // A handler's exception is a broken invariant; the stage decides what to do with it, and its decision is to halt.
            _ended.TrySetException(e);
        }

        Finished();
    }

    private RecordSlot? Next((AssignedPartition, ulong) lane)
    {
        lock (_lock)
        {
            if (!_lanes[lane].TryDequeue(out RecordSlot? next))
            {
                _lanes.Remove(lane);
            }

            return next;
        }
    }

    /// <summary>Runs one record to its end, or leaves it unfinished when its partition goes.</summary>
    private async Task RunAsync(RecordSlot slot)
    {
        // Intake goes on at once; the handler runs on the pool.
        await Task.Yield();
        using Activity? activity = StageTracing.Start(context.Options.Name, slot.Record);
        try
        {
            while (!slot.IsFinished)
            {
                // What a former owner tried in vain waits for its turn as well.
                await WaitForRetryAsync(slot);
                long generation = await circuit.EnterAsync(slot.Partition.Draining);
                if (!slot.TryEnter())
                {
                    circuit.OnAbandoned(generation);
                    return;
                }

                try
                {
                    await TryAsync(slot, generation, activity);
                }
                finally
                {
                    slot.Leave();
                }
            }
        }
        catch (OperationCanceledException) when (slot.Partition.Draining.IsCancellationRequested)
        {
            // The partition goes to another instance, which takes the record from the committed offset.
        }
    }

    private async ValueTask WaitForRetryAsync(RecordSlot slot)
    {
        if (slot.Retry?.Left(context.Time) is { Ticks: > 0 } left)
        {
            await Task.Delay(left, context.Time, slot.Partition.Draining);
        }
    }

    /// <summary>One attempt. It leaves the slot finished, or to be tried again, or as it was where a dependency is away.</summary>
    private async ValueTask TryAsync(RecordSlot slot, long generation, Activity? activity)
    {
        int attempt = (slot.Retry?.Attempts ?? 0) + 1;
        TimeSpan age = slot.Retry?.Age ?? TimeSpan.Zero;
        RetryOptions limits = context.Options.Retry;
        var delivery = new Delivery(slot.Record, attempt, age, attempt >= limits.AttemptsMax || age >= limits.AgeMax);
        long started = context.Time.GetTimestamp();
        Outcome outcome = await HandleAsync(slot, delivery, generation, activity);
        switch (outcome)
        {
            case Outcome.Unavailable unavailable:
                // Neither the attempt nor the time that the dependency takes to come back counts against the record.
                circuit.OnUnavailable(generation, unavailable.Dependency, unavailable.Detail);
                return;
            case Outcome.Retry later:
                TimeSpan delay = later.After ?? limits.Delay(attempt, context.Random);
                long now = context.Time.GetTimestamp();
                slot.RetryLater(new RetryState(attempt, now, delay, age + context.Time.GetElapsedTime(started, now) + delay));
                slot.Partition.MarkDirty();
                context.Metrics.OnRetried(slot.Record.Partition.Topic, later.Reason);
                break;
            case Outcome.Completed completed:
                finisher.Complete(slot, completed, activity);
                break;
            case Outcome.DeadLettered:
                break;
            default:
                throw new InvalidOperationException(
                    $"Stage {context.Options.Name}'s handler gave no outcome for offset {slot.Record.Offset} of {slot.Record.Partition}.");
        }

        circuit.OnAvailable(generation);
    }

    /// <summary>Asks the handler; a dead letter is written before this returns.</summary>
    private async ValueTask<Outcome> HandleAsync(RecordSlot slot, Delivery delivery, long generation, Activity? activity)
    {
        long started = context.Time.GetTimestamp();
        context.Metrics.OnHandlerStarted();
        try
        {
            Outcome outcome = await handler.HandleAsync(delivery, slot.Partition.Ended);
            if (outcome is Outcome.Retry { } retry && delivery.IsLastAttempt)
            {
                outcome = new Outcome.DeadLettered(DeadLetterKind.Exhausted, retry.Reason, retry.Detail, retry.Subject);
            }

            if (outcome is Outcome.DeadLettered deadLetter)
            {
                await finisher.DeadLetterAsync(slot, deadLetter, delivery.Attempt, activity, slot.Partition.Ended);
            }

            return outcome;
        }
        catch (DependencyUnavailableException e)
        {
            return new Outcome.Unavailable(e.Dependency, e.Message);
        }
        catch (OperationCanceledException)
        {
            circuit.OnAbandoned(generation);
            throw;
        }
        finally
        {
            context.Metrics.OnHandlerEnded(context.Time.GetElapsedTime(started));
        }
    }
}
