using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Carousel.Stages.Engine;

/// <summary>Collects slots into ordered micro-batches and runs the handler on one batch at a time, which keeps the order of every key.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Its token source has no timer, and a late handler may still look at the token.")]
internal sealed class BatchDispatcher(
    IBatchHandler handler, Finisher finisher, Circuit circuit, StageContext context)
    : IDispatcher
{
    // The window bounds what can wait here.
    private readonly Channel<RecordSlot> _waiting = Channel.CreateUnbounded<RecordSlot>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    public void Dispatch(RecordSlot slot) => _waiting.Writer.TryWrite(slot);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>There is one handler call at a time, and <see cref="RunAsync()"/> doesn't end before it has returned.</summary>
    public Task Idle => Task.CompletedTask;

    public void Complete()
    {
        _waiting.Writer.Complete();
        _stopping.Cancel();
    }

    public async Task RunAsync()
    {
        var batch = new List<RecordSlot>(context.Options.BatchRecordsMax);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            await CollectAsync(batch);
            await RunAsync(batch);
            batch.Clear();
        }
    }

    private async Task CollectAsync(List<RecordSlot> batch)
    {
        long started = context.Time.GetTimestamp();
        while (batch.Count < context.Options.BatchRecordsMax)
        {
            if (_waiting.Reader.TryRead(out RecordSlot? slot))
            {
                batch.Add(slot);
                continue;
            }

            TimeSpan left = context.Options.BatchLinger - context.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || !await MoreWithinAsync(left))
            {
                return;
            }
        }
    }

    private async Task<bool> MoreWithinAsync(TimeSpan left)
    {
        using var timer = new CancellationTokenSource(left, context.Time);
        try
        {
            return await _waiting.Reader.WaitToReadAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Runs the batch until it is decided. Slots whose partition drains meanwhile are left out and stay unfinished. Where only a dead letter couldn't
    /// be written, those before it are finished, perhaps committed, and don't come again.
    /// </summary>
    private async Task RunAsync(List<RecordSlot> batch)
    {
        while (true)
        {
            long generation = await circuit.EnterAsync(CancellationToken.None);
            List<RecordSlot> entered = [.. batch.Where(slot => !slot.IsFinished && slot.TryEnter())];
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
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The stage stops; the records are the next instance's, from the committed offset.
                return;
            }
            finally
            {
                entered.ForEach(slot => slot.Leave());
            }
        }
    }

    private async Task TryAsync(List<RecordSlot> slots)
    {
        long started = context.Time.GetTimestamp();
        context.Metrics.OnHandlerStarted();
        List<Activity?> activities = [.. slots.Select(slot => StageTracing.Start(context.Options.Name, slot.Record))];
        try
        {
            IReadOnlyList<Outcome> outcomes = await handler.HandleAsync([.. slots.Select(slot => slot.Record)], _stopping.Token);
            if (outcomes.Count != slots.Count)
            {
                throw new InvalidOperationException($"Stage {context.Options.Name}'s handler gave {outcomes.Count} outcomes for {slots.Count} records.");
            }

            for (int i = 0; i < slots.Count; i++)
            {
                await FinishAsync(slots[i], outcomes[i], activities[i]);
            }
        }
        finally
        {
            activities.ForEach(activity => activity?.Dispose());
            context.Metrics.OnHandlerEnded(context.Time.GetElapsedTime(started));
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
                await finisher.DeadLetterAsync(slot, deadLettered, attempts: 1, activity, _stopping.Token);
                break;
            default:
                throw new InvalidOperationException($"Stage {context.Options.Name}'s batch handler may not answer {outcome.GetType().Name} for one record.");
        }
    }
}
