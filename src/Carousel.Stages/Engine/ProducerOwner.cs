using Carousel.Stages.Log;

namespace Carousel.Stages.Engine;

/// <summary>
/// Owns the stage's producer, of which there is one at a time. Opening the next fences whatever the former left under way, and settles its transaction.
/// Owned by the commit loop.
/// </summary>
internal sealed class ProducerOwner(IStageLog log, StageContext context)
{
    private const int FencesMax = 3;
    private static readonly TimeSpan FencesWithin = TimeSpan.FromMinutes(1);

    /// <summary>Stable over restarts, so that a restart settles its own leftover at once.</summary>
    private readonly string _transactionalId = $"{context.Options.Group}-{context.Options.Slot}";
    private readonly Queue<long> _fences = new();
    private IStageProducer? _producer;

    public async Task<IStageProducer> OpenAsync(CancellationToken cancellationToken) =>
        _producer ??= await LogRetry.RunAsync(context, () => log.OpenProducerAsync(_transactionalId, cancellationToken), CountFence, cancellationToken);

    public async Task CloseAsync()
    {
        if (_producer is { } producer)
        {
            _producer = null;
            await producer.DisposeAsync();
        }
    }

    /// <summary>A fence now and then is what a rebalance or a slow network brings; one after another are two instances that fight for a slot.</summary>
    /// <exception cref="LogException">It is the third within a minute.</exception>
    public void CountFence(LogException e)
    {
        if (!e.IsFenced)
        {
            return;
        }

        _fences.Enqueue(context.Time.GetTimestamp());
        while (_fences.Count > 0 && context.Time.GetElapsedTime(_fences.Peek()) > FencesWithin)
        {
            _fences.Dequeue();
        }

        if (_fences.Count >= FencesMax)
        {
            throw new LogException(
                $"Stage {context.Options.Name} was fenced {_fences.Count} times within a minute: another running instance uses transactional.id {_transactionalId}. "
                + "Give each instance of a stage its own --slot.",
                e,
                isFenced: true,
                isFatal: true);
        }
    }
}
