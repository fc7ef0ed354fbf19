using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Progress;

namespace Carousel.Stages.Engine;

/// <summary>
/// Brings a batch of results into the log: outputs and dead letters, progress, offsets, commit; as one transaction, as often as it takes. Owned by the
/// commit loop. Invariant: a slot it has been given is committed, or its partition has ended, when it returns.
/// </summary>
internal sealed partial class Transactor(ProducerOwner producers, IStageConsumer consumer, ProgressLog progressLog, StageContext context)
{
    /// <param name="slots">In the order in which their outputs are written.</param>
    /// <param name="partitions">Of the slots, and those whose progress alone is to be written.</param>
    public async Task CommitAsync(IReadOnlyList<RecordSlot> slots, IReadOnlyList<AssignedPartition> partitions, CancellationToken cancellationToken)
    {
        IReadOnlyList<RecordSlot> pending = slots;
        for (int attempt = 1; ; attempt++)
        {
            // Membership first, ownership second: a partition that is still ours now was ours in that generation, and once it is given up the log
            // refuses that generation. The other way round, a later generation would vouch for a partition that has gone.
            IGroupMembership membership = await RetryAsync(consumer.MembershipAsync, cancellationToken);
            pending = [.. pending.Where(slot => !slot.Partition.IsEnded)];
            partitions = [.. partitions.Where(partition => !partition.IsEnded)];
            if (partitions.Count == 0)
            {
                return;
            }

            IStageProducer producer = await producers.OpenAsync(cancellationToken);
            try
            {
                await TransactAsync(producer, pending, partitions, membership);
                return;
            }
            catch (LogException e)
            {
                LogInDoubt(context.Logger, e, context.Options.Name, pending.Count);
                context.Metrics.OnTransactionInDoubt();
                producers.CountFence(e);
            }

            // Whether it was committed is the log's to say, and it can only say so once the transaction is settled: by a new producer of the same id.
            await producers.CloseAsync();
            if (attempt > 1)
            {
                // Once may be a rebalance; again and again is something that takes longer.
                await Task.Delay(context.Options.Retry.Delay(attempt - 1, context.Random), context.Time, cancellationToken);
            }

            await producers.OpenAsync(cancellationToken);
            pending = await UncommittedAsync(pending, partitions, cancellationToken);
            if (pending.Count == 0)
            {
                return;
            }
        }
    }

    private async Task TransactAsync(
        IStageProducer producer, IReadOnlyList<RecordSlot> slots, IReadOnlyList<AssignedPartition> partitions, IGroupMembership membership)
    {
        long started = context.Time.GetTimestamp();
        await producer.BeginAsync();
        foreach (RecordSlot slot in slots)
        {
            foreach (OutputRecord output in slot.Outputs!)
            {
                producer.Send(output);
            }
        }

        var offsets = new Dictionary<SourcePartition, long>();
        var settled = new List<AssignedPartition>();
        foreach (AssignedPartition partition in partitions)
        {
            partition.TryClean();
            PartitionProgress progress = partition.Ledger.Describe(context.Time);
            offsets[partition.Id] = progress.Base;
            if (progress.IsEmpty)
            {
                settled.Add(partition);
            }

            if (progressLog.Record(partition, progress) is { } record)
            {
                // Until the outcome is known, the log may or may not hold it.
                partition.Ledger.HasWrittenProgress = true;
                producer.Send(record);
                context.Metrics.OnProgressWritten(record.Value?.Length ?? 0);
            }
        }

        await producer.FlushAsync();
        long ending = context.Time.GetTimestamp();
        await producer.SendOffsetsAsync(offsets, membership);
        TimeSpan offsetsSent = context.Time.GetElapsedTime(ending);
        ending = context.Time.GetTimestamp();
        await producer.CommitAsync();
        TimeSpan ended = context.Time.GetElapsedTime(ending);
        settled.ForEach(partition => partition.Ledger.HasWrittenProgress = false);
        context.Metrics.OnTransactionCommitted(slots.Count, context.Time.GetElapsedTime(started));
        LogCommitted(context.Logger, context.Options.Name, slots.Count, context.Time.GetElapsedTime(started).TotalMilliseconds, ended.TotalMilliseconds);
        await ReplaceAfterSlowEndAsync(ended > offsetsSent ? ended : offsetsSent);
    }

    /// <summary>
    /// It is committed, but a straggler of its EndTxn may be under way and would end the next transaction early (KAFKA-17754), or one of its
    /// TxnOffsetCommit, which would put the next one's offsets back. A fresh producer's epoch fences both.
    /// </summary>
    private async Task ReplaceAfterSlowEndAsync(TimeSpan slowest)
    {
        if (slowest > KafkaClientSettings.TornTransactionLimit)
        {
            LogSlowCommit(context.Logger, context.Options.Name, slowest.TotalMilliseconds);
            context.Metrics.OnProducerReplaced();
            await producers.CloseAsync();
        }
    }

    /// <summary>Those of the slots that the settled transaction didn't commit.</summary>
    private async Task<IReadOnlyList<RecordSlot>> UncommittedAsync(
        IReadOnlyList<RecordSlot> slots, IReadOnlyList<AssignedPartition> partitions, CancellationToken cancellationToken)
    {
        SourcePartition[] ids = [.. partitions.Select(partition => partition.Id)];
        IReadOnlyDictionary<SourcePartition, CommittedProgress> committed = await RetryAsync(() => progressLog.ReadAsync(ids, cancellationToken), cancellationToken);
        List<RecordSlot> uncommitted = [.. slots.Where(slot => !committed[slot.Partition.Id].Covers(slot.Record.Offset))];
        LogSettled(context.Logger, context.Options.Name, slots.Count - uncommitted.Count, uncommitted.Count);
        if (slots.Count == 0)
        {
            // Progress alone: whether it arrived isn't worth finding out, since it can be written again.
            foreach (AssignedPartition partition in partitions)
            {
                partition.MarkDirty();
            }
        }

        return uncommitted;
    }

    private Task<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        LogRetry.RunAsync(context, call, producers.CountFence, cancellationToken);
}
