using System.Diagnostics;
using System.IO.Hashing;

namespace Carousel.Stages.Engine;

/// <summary>
/// Records of one key form a lane and run one after another; lanes run at the same time. A lane that waits for a retry holds up nobody else.
/// A lane is known by its key's 64-bit hash within its partition: two keys that collide merely wait for each other. Records without a key have no order.
/// </summary>
internal sealed class LaneDispatcher(
    IRecordHandler handler, Finisher finisher, Circuit circuit, StageOptions options, StageMetrics metrics, TimeProvider time, Random random)
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
            Start(RunAsync(slot));
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

        Start(RunLaneAsync(lane, slot));
    }

    public Task Idle => _idle.Task;

    public async Task RunAsync() => await _ended.Task;

    public void Complete() => Finished();

    private void Start(Task lane)
    {
        Interlocked.Increment(ref _running);
        _ = WatchAsync(lane);
    }

    /// <summary>Counts the lane, and makes what it threw the end of <see cref="RunAsync()"/>: nothing is forgotten.</summary>
    private async Task WatchAsync(Task lane)
    {
        try
        {
            await lane;
        }
        catch (Exception e)
        {
            // A handler's exception is a broken invariant; the stage decides what to do with it, and its decision is to halt.
            _ended.TrySetException(e);
        }

        Finished();
    }

    private void Finished()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ended.TrySetResult();
            _idle.TrySetResult();
        }
    }

    private async Task RunLaneAsync((AssignedPartition, ulong) lane, RecordSlot slot)
    {
        while (true)
        {
            await RunAsync(slot);
            lock (_lock)
            {
                if (!_lanes[lane].TryDequeue(out RecordSlot? next))
                {
                    _lanes.Remove(lane);
                    return;
                }

                slot = next;
            }
        }
    }

    /// <summary>Runs one record to its end, or leaves it unfinished when its partition goes.</summary>
    private async Task RunAsync(RecordSlot slot)
    {
        // Intake goes on at once; the handler runs on the pool.
        await Task.Yield();
        using Activity? activity = StageTracing.Start(options.Name, slot.Record);
        TimeSpan age = TimeSpan.Zero;
        try
        {
            for (int attempt = 1; !slot.IsFinished;)
            {
                long generation = await circuit.EnterAsync(slot.Partition.Draining);
                long entered = time.GetTimestamp();
                if (!slot.Partition.TryEnter())
                {
                    circuit.OnAbandoned(generation);
                    return;
                }

                TimeSpan delay;
                try
                {
                    var delivery = new Delivery(slot.Record, attempt, age, attempt >= options.Retry.AttemptsMax || age >= options.Retry.AgeMax);
                    (int next, delay) = await TryAsync(slot, delivery, generation, activity);
                    if (next == attempt)
                    {
                        // A dependency was away: neither the attempt nor the time it takes to come back counts against the record.
                        continue;
                    }

                    attempt = next;
                }
                finally
                {
                    slot.Partition.Leave();
                }

                if (!slot.IsFinished && delay > TimeSpan.Zero)
                {
                    await Task.Delay(delay, time, slot.Partition.Draining);
                }

                age += time.GetElapsedTime(entered);
            }
        }
        catch (OperationCanceledException) when (slot.Partition.Draining.IsCancellationRequested)
        {
            // The partition goes to another instance, which takes the record from the committed offset.
        }
    }

    /// <summary>One attempt. Returns the number of the next attempt and how long to wait for it; a finished slot needs neither.</summary>
    private async ValueTask<(int Attempt, TimeSpan Delay)> TryAsync(RecordSlot slot, Delivery delivery, long generation, Activity? activity)
    {
        Outcome outcome;
        long started = time.GetTimestamp();
        metrics.OnHandlerStarted();
        try
        {
            outcome = await handler.HandleAsync(delivery, slot.Partition.Ended);
            if (outcome is Outcome.Retry { } retry && delivery.IsLastAttempt)
            {
                outcome = new Outcome.DeadLettered(DeadLetterKind.Exhausted, retry.Reason, retry.Detail, retry.Subject);
            }

            if (outcome is Outcome.DeadLettered deadLetter)
            {
                await finisher.DeadLetterAsync(slot, deadLetter, delivery.Attempt, activity, slot.Partition.Ended);
            }
        }
        catch (DependencyUnavailableException e)
        {
            outcome = new Outcome.Unavailable(e.Dependency, e.Message);
        }
        catch (OperationCanceledException)
        {
            circuit.OnAbandoned(generation);
            throw;
        }
        finally
        {
            metrics.OnHandlerEnded(time.GetElapsedTime(started));
        }

        switch (outcome)
        {
            case Outcome.Unavailable unavailable:
                circuit.OnUnavailable(generation, unavailable.Dependency, unavailable.Detail);
                return (delivery.Attempt, TimeSpan.Zero);
            case Outcome.Retry later:
                circuit.OnAvailable(generation);
                metrics.OnRetried(slot.Record.Partition.Topic, later.Reason);
                return (delivery.Attempt + 1, later.After ?? options.Retry.Delay(delivery.Attempt, random));
            case Outcome.Completed completed:
                finisher.Complete(slot, completed, activity);
                break;
            case Outcome.DeadLettered:
                break;
            default:
                throw new InvalidOperationException($"Stage {options.Name}'s handler gave no outcome for offset {slot.Record.Offset} of {slot.Record.Partition}.");
        }

        circuit.OnAvailable(generation);
        return (delivery.Attempt, TimeSpan.Zero);
    }
}
