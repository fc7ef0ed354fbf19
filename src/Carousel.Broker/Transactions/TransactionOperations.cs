using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>What clients ask for, one after another for each id: everything here runs inside the gate of the id it is given.</summary>
internal sealed class TransactionOperations(
    TransactionStateLog log, TransactionalIds ids, TransactionEnding ending, ProducerIds producerIds, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc cref="TransactionCoordinator.InitializeAsync"/>
    public async ValueTask<ProducerResult> InitializeAsync(TransactionalId id, int timeoutMs, ProducerIdAndEpoch? expected)
    {
        TransactionMetadata? current = await SettledAsync(id);
        if (current is null)
        {
            (ErrorCode error, long producerId) = await producerIds.NextAsync();
            return error == ErrorCode.None
                ? await InitializeAtRestAsync(id, TransactionMetadata.New(producerId, timeoutMs, Now), timeoutMs, expected, repeatedAs: null)
                : ProducerResult.Failed(error);
        }

        if (current.State != TransactionState.Ongoing)
        {
            return await InitializeAtRestAsync(id, current, timeoutMs, expected, repeatedAs: null);
        }

        // Only the producer itself, or one that starts, may end it: Kafka lets any epoch of the producer id.
        if (expected is { } producer && producer != current.Producer)
        {
            return ProducerResult.Failed(ErrorCode.ProducerFenced);
        }

        ErrorCode aborted = await ending.EndAsync(id, TransactionTransitions.Fence(current, Now));
        return aborted == ErrorCode.None
            ? await InitializeAtRestAsync(id, id.Metadata!, timeoutMs, expected: null, repeatedAs: expected?.ProducerEpoch)
            : ProducerResult.Failed(aborted);
    }

    /// <summary>Adds partitions; only the first of a transaction waits for the disk, for the end of the transaction before.</summary>
    public async ValueTask<ErrorCode> AddAsync(
        TransactionalId id, ProducerIdAndEpoch producer, IReadOnlyCollection<TopicPartition> partitions, TransactionVersion version)
    {
        if (await SettledAsync(id) is not { } current)
        {
            return ErrorCode.InvalidProducerIdMapping;
        }

        Transition added = TransactionTransitions.AddPartitions(current, producer, partitions, version, Now);
        if (added.Next is null)
        {
            return added.Error;
        }

        ErrorCode confirmed = await log.ConfirmEndAsync(id);
        if (confirmed != ErrorCode.None)
        {
            return confirmed;
        }

        ErrorCode error = log.Append(id, added.Next, out _);
        if (error == ErrorCode.None)
        {
            ids.Publish(id, added.Next);
        }

        return error;
    }

    /// <inheritdoc cref="TransactionCoordinator.EndAsync"/>
    public async ValueTask<ProducerResult> EndAsync(TransactionalId id, ProducerIdAndEpoch producer, bool isCommit, TransactionVersion version)
    {
        if (await SettledAsync(id) is not { } current)
        {
            return ProducerResult.Failed(ErrorCode.InvalidProducerIdMapping);
        }

        long nextProducerId = TransactionMetadata.NoProducerId;
        if (EndTransition.NeedsProducerId(current, version))
        {
            (ErrorCode refused, nextProducerId) = await producerIds.NextAsync();
            if (refused != ErrorCode.None)
            {
                return ProducerResult.Failed(refused);
            }
        }

        Transition end = EndTransition.Of(current, producer, isCommit, version, nextProducerId, Now);
        ErrorCode error = end.Next is null ? end.Error : await ending.EndAsync(id, end.Next);
        return error == ErrorCode.None ? new ProducerResult(error, id.Metadata!.Producer) : ProducerResult.Failed(error);
    }

    /// <param name="repeatedAs">The epoch by which a repetition of this request is recognised; null where the transition knows it.</param>
    private async ValueTask<ProducerResult> InitializeAtRestAsync(
        TransactionalId id, TransactionMetadata current, int timeoutMs, ProducerIdAndEpoch? expected, short? repeatedAs)
    {
        long newProducerId = TransactionMetadata.NoProducerId;
        if (TransactionTransitions.InitializeNeedsProducerId(current, expected))
        {
            (ErrorCode refused, newProducerId) = await producerIds.NextAsync();
            if (refused != ErrorCode.None)
            {
                return ProducerResult.Failed(refused);
            }
        }

        Transition initialized = TransactionTransitions.Initialize(current, expected, timeoutMs, newProducerId, Now);
        if (initialized.Next is not { } next)
        {
            return ProducerResult.Failed(initialized.Error);
        }

        next = next with { LastProducerEpoch = repeatedAs ?? next.LastProducerEpoch };
        ErrorCode error = await log.AppendDurablyAsync(id, next);
        if (error != ErrorCode.None)
        {
            return ProducerResult.Failed(error);
        }

        ids.Publish(id, next);
        return new ProducerResult(error, next.Producer);
    }

    /// <summary>The present state, after an end that the disk had refused is tried once more; null for an id without a producer.</summary>
    private async ValueTask<TransactionMetadata?> SettledAsync(TransactionalId id)
    {
        if (id.Metadata is { IsEnding: true } decision)
        {
            await ending.FinishAsync(id, decision);
        }

        return id.Metadata;
    }
}
