using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

/// <summary>What has to be done without being asked: timeouts, ends that the disk refused, and ids that nobody uses. One loop.</summary>
internal sealed partial class TransactionSweep(
    TransactionOptions options, TransactionStateLog log, TransactionalIds ids, TransactionEnding ending, TimeProvider time, ILogger<TransactionSweep> logger)
{
    /// <summary>Open transactions that nobody knows and that couldn't be aborted yet.</summary>
    public IReadOnlyList<OpenTransaction> Strays { get; set; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await RunOnceAsync();
        }
    }

    public async Task RunOnceAsync()
    {
        // Together, so that one flush serves them. Who is busy with a request is left alone: the request does what is due, or the next round.
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await Task.WhenAll(ids.All.Where(id => IsDue(id, now) && id.Gate.TryEnter()).Select(id => SettleAsync(id, now)).ToArray());
        await AbortStraysAsync();
    }

    private bool IsDue(TransactionalId id, long now) =>
        id.Metadata is not { } metadata || metadata.IsEnding || metadata.HasTimedOut(now) || HasExpired(metadata, now);

    private bool HasExpired(TransactionMetadata metadata, long now) =>
        metadata.IsAtRest && metadata.LastUpdateTimestamp + (long)options.IdExpiry.TotalMilliseconds <= now;

    private async Task SettleAsync(TransactionalId id, long now)
    {
        try
        {
            switch (id.Metadata)
            {
                case null:
                    // An InitProducerId that failed left it behind, or it is removed already.
                    ids.Remove(id);
                    break;
                case { IsEnding: true } decision:
                    await ending.FinishAsync(id, decision);
                    break;
                case { } metadata when metadata.HasTimedOut(now):
                    ErrorCode error = await ending.EndAsync(id, TransactionTransitions.Fence(metadata, now));
                    LogTimedOut(id.Name, metadata.Producer, metadata.TimeoutMs, error);
                    break;
                case { } metadata when HasExpired(metadata, now) && log.AppendTombstone(id) == ErrorCode.None:
                    ids.Remove(id);
                    LogExpired(id.Name);
                    break;
            }
        }
        finally
        {
            id.Gate.Leave();
        }
    }

    private async Task AbortStraysAsync()
    {
        if (Strays.Count > 0)
        {
            bool[] areAborted = await Task.WhenAll(Strays.Select(stray => ending.AbortAsync(stray.Partition, stray.Producer).AsTask()));
            Strays = [.. Strays.Where((_, index) => !areAborted[index])];
        }
    }
}
