namespace Carousel.Stages.Log.InMemory;

/// <summary>A transactional producer of one epoch. As with librdkafka, a record that can't be written surfaces in the next flush or commit.</summary>
internal sealed class InMemoryProducer(InMemoryLog log, TransactionalId id, int epoch) : IStageProducer
{
    private LogException? _failure;
    private bool _begun;

    public Task BeginAsync() => Step(() =>
    {
        if (_begun)
        {
            throw new LogException("A transaction is already begun.");
        }

        id.Open = new Transaction(log.Time.GetTimestamp());
        _begun = true;
    });

    public void Send(OutputRecord record)
    {
        try
        {
            log.Do(() =>
            {
                Transaction transaction = OpenTransaction();
                InMemoryPartition partition = log.PartitionFor(record);
                partition.Append(record, log.Now, transaction);
                transaction.Partitions.Add(partition);
            });
        }
        catch (LogException e)
        {
            _failure ??= e;
        }
    }

    public Task FlushAsync() => Step(() => OpenTransaction());

    public Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) => Step(() =>
    {
        Transaction transaction = OpenTransaction();
        var proof = (InMemoryMembership)membership;
        proof.Group.Check(proof);
        foreach ((SourcePartition partition, long offset) in offsets)
        {
            transaction.Offsets[(proof.Group, partition)] = offset;
        }
    });

    public Task CommitAsync() => Step(() =>
    {
        OpenTransaction().Commit();
        id.Open = null;
        _begun = false;
    });

    /// <summary>
    /// A request to end the transaction before comes late, or a second time, and commits what the producer has written of the one that is open now
    /// (KAFKA-17754); the rest becomes another. An older epoch's is refused.
    /// </summary>
    public void ReceiveStraggler() => log.Do(() =>
    {
        if (epoch == id.Epoch && id.Open is { } open)
        {
            open.Commit();
            id.Open = new Transaction(log.Time.GetTimestamp());
        }
    });

    /// <summary>An open transaction stays open, as a client that goes away leaves it: until the next producer of the id, or the timeout.</summary>
    public ValueTask DisposeAsync()
    {
        _failure ??= new LogException("The producer is disposed.");
        return ValueTask.CompletedTask;
    }

    private Transaction OpenTransaction()
    {
        CheckEpoch();
        return _begun ? id.Open! : throw new LogException("No transaction is begun.");
    }

    private void CheckEpoch()
    {
        if (epoch != id.Epoch)
        {
            throw new LogException($"Another producer took over transactional.id {id.Name}, or its transaction timed out.", isFenced: true);
        }
    }

    private Task Step(Action step)
    {
        try
        {
            if (_failure is { } failure)
            {
                throw failure;
            }

            log.Do(() =>
            {
                CheckEpoch();
                step();
            });
            return Task.CompletedTask;
        }
        catch (LogException e)
        {
            // After a failure nothing but a new producer helps, so this one says the same for ever.
            _failure ??= e;
            return Task.FromException(e);
        }
    }
}
