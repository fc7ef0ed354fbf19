using Carousel.Kafka;
using Carousel.Stages.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

/// <summary>
/// Moves finished results into transactions, one at a time: outputs and dead letters, then offsets, then the commit. Owns the producer.
/// Per partition it takes only the finished head, so the committed offset is always the first unfinished one.
/// Invariant: a slot it has taken is either committed, or dropped because its partition ended, or still in its hands.
/// </summary>
internal sealed partial class CommitLoop(
    IStageLog log, IStageConsumer consumer, Assignment assignment, Window window, Signal finished, StageOptions options, StageMetrics metrics,
    TimeProvider time, Random random, ILogger logger)
{
    private const int FencesMax = 3;
    private static readonly TimeSpan FencesWithin = TimeSpan.FromMinutes(1);
    private readonly string _transactionalId = $"{options.Group}-{options.Slot}";
    private readonly Queue<long> _fences = new();
    private IStageProducer? _producer;

    /// <summary>Runs until cancelled, between two transactions; an open one is brought to its end first, if the log lets it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenProducerAsync(cancellationToken);
            while (true)
            {
                await finished.WaitAsync(cancellationToken);
                long started = time.GetTimestamp();
                if (await CommitFinishedAsync(cancellationToken))
                {
                    TimeSpan rest = options.TransactionInterval - time.GetElapsedTime(started);
                    if (rest > TimeSpan.Zero)
                    {
                        await Task.Delay(rest, time, cancellationToken);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stage stops; what isn't committed is another instance's to do.
        }
        finally
        {
            await CloseProducerAsync();
        }
    }

    /// <returns>False when there was nothing to commit.</returns>
    private async Task<bool> CommitFinishedAsync(CancellationToken cancellationToken)
    {
        ReleaseEnded();
        List<RecordSlot> batch = TakeFinished();
        if (batch.Count > 0)
        {
            await CommitAsync(batch, cancellationToken);
            window.Release(batch);
            if (batch.Count >= options.TransactionRecordsMax)
            {
                finished.Set();
            }
        }

        foreach (AssignedPartition partition in assignment.Partitions)
        {
            partition.MarkDrainedIfSo();
        }

        return batch.Count > 0;
    }

    private void ReleaseEnded()
    {
        while (assignment.TryTakeEnded(out AssignedPartition? partition))
        {
            List<RecordSlot> rest = partition.TakeRest();
            if (rest.Count > 0)
            {
                LogDropped(logger, options.Name, partition.Id.ToString(), rest.Count, rest.Count(slot => slot.IsFinished));
            }

            window.Release(rest);
        }
    }

    private List<RecordSlot> TakeFinished()
    {
        var batch = new List<RecordSlot>();
        foreach (AssignedPartition partition in assignment.Partitions)
        {
            partition.TakeFinished(batch, options.TransactionRecordsMax - batch.Count);
        }

        return batch;
    }

    /// <summary>Ends when every slot of the batch is known to be committed, or its partition has ended.</summary>
    private async Task CommitAsync(List<RecordSlot> batch, CancellationToken cancellationToken)
    {
        List<RecordSlot> pending = batch;
        for (int attempt = 1; ; attempt++)
        {
            // Membership first, ownership second: a partition that is still ours now was ours in that generation, and once it is given up the log
            // refuses that generation. The other way round, a later generation would vouch for a partition that has gone.
            IGroupMembership membership = await RetryAsync(consumer.MembershipAsync, cancellationToken);
            pending = [.. pending.Where(slot => !slot.Partition.IsEnded)];
            if (pending.Count == 0)
            {
                return;
            }

            IStageProducer producer = _producer ?? await OpenProducerAsync(cancellationToken);
            try
            {
                await TransactAsync(producer, pending, membership);
                return;
            }
            catch (LogException e)
            {
                LogInDoubt(logger, e, options.Name, pending.Count);
                metrics.OnTransactionInDoubt();
                CountFence(e);
            }

            // Whether it was committed is the log's to say, and it can only say so once the transaction is settled: by a new producer of the same id.
            await CloseProducerAsync();
            if (attempt > 1)
            {
                // Once may be a rebalance; again and again is something that takes longer.
                await Task.Delay(options.Retry.Delay(attempt - 1, random), time, cancellationToken);
            }

            await OpenProducerAsync(cancellationToken);
            pending = await UncommittedAsync(pending, cancellationToken);
        }
    }

    private async Task TransactAsync(IStageProducer producer, List<RecordSlot> batch, IGroupMembership membership)
    {
        long started = time.GetTimestamp();
        var offsets = new Dictionary<SourcePartition, long>();
        await producer.BeginAsync();
        foreach (RecordSlot slot in batch)
        {
            foreach (OutputRecord output in slot.Outputs!)
            {
                producer.Send(output);
            }

            offsets[slot.Partition.Id] = slot.Record.Offset + 1;
        }

        await producer.FlushAsync();
        await producer.SendOffsetsAsync(offsets, membership);
        long ending = time.GetTimestamp();
        await producer.CommitAsync();
        TimeSpan ended = time.GetElapsedTime(ending);
        metrics.OnTransactionCommitted(batch.Count, time.GetElapsedTime(started));
        LogCommitted(logger, options.Name, batch.Count, time.GetElapsedTime(started).TotalMilliseconds, ended.TotalMilliseconds);
        if (ended > KafkaClientSettings.TornTransactionLimit)
        {
            // It is committed, but a straggler of its EndTxn may be under way and would end the next transaction early (KAFKA-17754): fence it.
            LogSlowCommit(logger, options.Name, ended.TotalMilliseconds);
            metrics.OnProducerReplaced();
            await CloseProducerAsync();
        }
    }

    /// <summary>Those of the slots that the settled transaction didn't commit.</summary>
    private async Task<List<RecordSlot>> UncommittedAsync(List<RecordSlot> slots, CancellationToken cancellationToken)
    {
        SourcePartition[] partitions = [.. slots.Select(slot => slot.Partition.Id).Distinct()];
        IReadOnlyDictionary<SourcePartition, long?> committed = await RetryAsync(() => consumer.CommittedAsync(partitions), cancellationToken);
        List<RecordSlot> uncommitted = [.. slots.Where(slot => !(slot.Record.Offset < committed[slot.Partition.Id]))];
        LogSettled(logger, options.Name, slots.Count - uncommitted.Count, uncommitted.Count);
        return uncommitted;
    }

    private async Task<IStageProducer> OpenProducerAsync(CancellationToken cancellationToken) =>
        _producer = await RetryAsync(() => log.OpenProducerAsync(_transactionalId, cancellationToken), cancellationToken);

    private async Task CloseProducerAsync()
    {
        if (_producer is { } producer)
        {
            _producer = null;
            await producer.DisposeAsync();
        }
    }

    /// <summary>A log that is away is waited for: results stay in memory, the window fills, and intake stops by itself.</summary>
    private async Task<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (LogException e) when (!e.IsFatal)
            {
                LogWaitingForLog(logger, e, options.Name, attempt);
                CountFence(e);
            }

            await Task.Delay(options.Retry.Delay(attempt, random), time, cancellationToken);
        }
    }

    private void CountFence(LogException e)
    {
        if (!e.IsFenced)
        {
            return;
        }

        _fences.Enqueue(time.GetTimestamp());
        while (_fences.Count > 0 && time.GetElapsedTime(_fences.Peek()) > FencesWithin)
        {
            _fences.Dequeue();
        }

        if (_fences.Count >= FencesMax)
        {
            throw new LogException(
                $"Stage {options.Name} was fenced {_fences.Count} times within a minute: another running instance uses transactional.id {_transactionalId}. "
                + "Give each instance of a stage its own --slot.",
                e,
                isFenced: true,
                isFatal: true);
        }
    }
}
