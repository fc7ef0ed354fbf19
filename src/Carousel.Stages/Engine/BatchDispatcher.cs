using System.Diagnostics;
using System.Threading.Channels;

namespace Carousel.Stages.Engine;

/// <summary>Collects slots into ordered micro-batches and runs the handler on one batch at a time, which keeps the order of every key.</summary>
internal sealed class BatchDispatcher(
    IBatchHandler handler, Finisher finisher, Circuit circuit, StageOptions options, StageMetrics metrics, TimeProvider time)
    : IDispatcher
{
    // The window bounds what can wait here.
    private readonly Channel<RecordSlot> _waiting = Channel.CreateUnbounded<RecordSlot>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    public void Dispatch(RecordSlot slot) => _waiting.Writer.TryWrite(slot);

    public void Complete() => _waiting.Writer.Complete();

    public async Task RunAsync()
    {
        var batch = new List<RecordSlot>(options.BatchRecordsMax);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            await CollectAsync(batch);
            await RunAsync(batch);
            batch.Clear();
        }
    }

    private async Task CollectAsync(List<RecordSlot> batch)
    {
        long started = time.GetTimestamp();
        while (batch.Count < options.BatchRecordsMax)
        {
            if (_waiting.Reader.TryRead(out RecordSlot? slot))
            {
                batch.Add(slot);
                continue;
            }

            TimeSpan left = options.BatchLinger - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || !await MoreWithinAsync(left))
            {
                return;
            }
        }
    }

    private async Task<bool> MoreWithinAsync(TimeSpan left)
    {
        using var timer = new CancellationTokenSource(left, time);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Runs the batch until it is decided. Slots whose partition drains meanwhile are left out and stay unfinished.</summary>
    private async Task RunAsync(List<RecordSlot> batch)
    {
        while (true)
        {
            long generation = await circuit.EnterAsync(CancellationToken.None);
            List<RecordSlot> entered = [.. batch.Where(slot => slot.Partition.TryEnter())];
            if (entered.Count == 0)
            {
                circuit.OnAbandoned(generation);
                return;
            }

            try
            {
                await TryAsync(entered);
                circuit.OnAvailable(generation);
                return;
            }
            catch (DependencyUnavailableException e)
            {
                circuit.OnUnavailable(generation, e.Dependency, e.Message);
            }
            finally
            {
                entered.ForEach(slot => slot.Partition.Leave());
            }
        }
    }

    private async Task TryAsync(List<RecordSlot> slots)
    {
        long started = time.GetTimestamp();
        metrics.OnHandlerStarted();
        List<Activity?> activities = [.. slots.Select(slot => StageTracing.Start(options.Name, slot.Record))];
        try
        {
            IReadOnlyList<Outcome> outcomes = await handler.HandleAsync([.. slots.Select(slot => slot.Record)], CancellationToken.None);
            if (outcomes.Count != slots.Count)
            {
                throw new InvalidOperationException($"Stage {options.Name}'s handler gave {outcomes.Count} outcomes for {slots.Count} records.");
            }

            for (int i = 0; i < slots.Count; i++)
            {
                await FinishAsync(slots[i], outcomes[i], activities[i]);
            }
        }
        finally
        {
            activities.ForEach(activity => activity?.Dispose());
            metrics.OnHandlerEnded(time.GetElapsedTime(started));
        }
    }

    private async ValueTask FinishAsync(RecordSlot slot, Outcome outcome, Activity? activity)
    {
        switch (outcome)
        {
            case Outcome.Completed completed:
                finisher.Complete(slot, completed, activity);
                break;
            case Outcome.DeadLettered deadLettered:
                await finisher.DeadLetterAsync(slot, deadLettered, attempts: 1, activity, CancellationToken.None);
                break;
            default:
                throw new InvalidOperationException($"Stage {options.Name}'s batch handler may not answer {outcome.GetType().Name} for one record.");
        }
    }
}
