namespace Carousel.Stages.Engine;

/// <summary>
/// Moves finished results into transactions, one at a time; what finishes meanwhile gathers for the next. It takes whatever is finished, wherever it
/// stands: the committed offset stays at the first unfinished record, and the done-set says what is finished above.
/// </summary>
internal sealed partial class CommitLoop(
    Assignment assignment, Window window, FinishedSlots finished, ProducerOwner producers, Transactor transactor, StageContext context)
{
    private readonly StageOptions _options = context.Options;

    /// <summary>Runs until cancelled, between two transactions; an open one is brought to its end first, if the log lets it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await producers.OpenAsync(cancellationToken);
            while (true)
            {
                await finished.WaitAsync(cancellationToken);
                long started = context.Time.GetTimestamp();
                if (await CommitFinishedAsync(cancellationToken))
                {
                    TimeSpan rest = _options.TransactionInterval - context.Time.GetElapsedTime(started);
                    if (rest > TimeSpan.Zero)
                    {
                        await Task.Delay(rest, context.Time, cancellationToken);
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
            await producers.CloseAsync();
        }
    }

    /// <returns>False when there was nothing to commit.</returns>
    private async Task<bool> CommitFinishedAsync(CancellationToken cancellationToken)
    {
        ReleaseEnded();
        Offer();
        var batch = new List<RecordSlot>();
        var partitions = new List<AssignedPartition>();
        foreach (AssignedPartition partition in assignment.Partitions)
        {
            int before = batch.Count;
            partition.Ledger.Take(batch);
            if (batch.Count > before || partition.IsDirty)
            {
                partitions.Add(partition);
            }
        }

        if (partitions.Count > 0)
        {
            await transactor.CommitAsync(batch, partitions, cancellationToken);
            LetGo(batch, partitions);
        }

        foreach (AssignedPartition partition in assignment.Partitions)
        {
            partition.MarkDrainedIfSo();
        }

        return partitions.Count > 0;
    }

    /// <summary>Hands what is finished to the books of its partition, so much at most as belongs into one transaction.</summary>
    private void Offer()
    {
        for (int count = 0; count < _options.TransactionRecordsMax && finished.TryTake(out RecordSlot? slot); count++)
        {
            slot.Partition.Ledger.Offer(slot);
        }

        if (!finished.IsEmpty)
        {
            finished.Wake();
        }
    }

    private void LetGo(List<RecordSlot> batch, List<AssignedPartition> partitions)
    {
        window.Release(batch);
        foreach (IGrouping<AssignedPartition, RecordSlot> slots in batch.GroupBy(slot => slot.Partition))
        {
            slots.Key.OnCommitted(slots.Count());
        }

        foreach (AssignedPartition partition in partitions)
        {
            partition.Ledger.LetGo();
        }
    }

    private void ReleaseEnded()
    {
        while (assignment.TryTakeEnded(out AssignedPartition? partition))
        {
            List<RecordSlot> rest = partition.Ledger.TakeRest();
            if (rest.Count > 0)
            {
                LogDropped(context.Logger, _options.Name, partition.Id.ToString(), rest.Count, rest.Count(slot => slot.IsFinished));
            }

            window.Release(rest);
        }
    }
}
