using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

/// <summary>
/// Brings transactional ids and partitions together when the broker starts: decisions are carried out; what a partition has open and the coordinator has
/// no record of, because the record was lost with the machine's power, goes on in the transaction it belongs to; what belongs to none is aborted.
/// </summary>
internal sealed partial class TransactionRecovery(
    TransactionStateLog log, TransactionalIds ids, TransactionEnding ending, ProducerIds producerIds, TimeProvider time, ILogger<TransactionRecovery> logger)
{
    /// <returns>Open transactions that must be aborted, and couldn't be yet.</returns>
    public async Task<IReadOnlyList<OpenTransaction>> RunAsync(IOpenTransactions openTransactions)
    {
        for (int partition = 0; partition < log.PartitionCount; partition++)
        {
            await LoadAsync(partition);
        }

        OpenTransaction[] open = [.. openTransactions.List()];
        foreach (OpenTransaction transaction in open)
        {
            producerIds.MarkUsed(transaction.Producer.ProducerId);
        }

        // What is open is judged by what was written before the crash, so before decisions are carried out.
        OpenTransaction[] strays = [.. open.Where(IsStray).Select(AtKnownEpoch)];
        var adopted = open.Where(IsUnrecorded).ToLookup(transaction => transaction.Producer.ProducerId);
        await Task.WhenAll(ids.All.Where(id => id.Metadata!.IsEnding).Select(FinishAsync));
        foreach (IGrouping<long, OpenTransaction> transaction in adopted)
        {
            Adopt(transaction.First().Producer, [.. transaction.Select(open => open.Partition)]);
        }

        bool[] areAborted = await Task.WhenAll(strays.Select(AbortAsync));
        return [.. strays.Where((_, index) => !areAborted[index])];
    }

    private async Task LoadAsync(int partition)
    {
        try
        {
            foreach ((string name, TransactionMetadata metadata) in await log.LoadAsync(partition))
            {
                ids.Publish(ids.FindOrAdd(name), metadata);
                producerIds.MarkUsed(Math.Max(metadata.ProducerId, Math.Max(metadata.PreviousProducerId, metadata.NextProducerId)));
            }
        }
        catch (Exception e) when (e is InvalidDataException or WireFormatException or IOException)
        {
            log.SetUnavailable(partition);
            LogUnreadable(partition, e);
        }
    }

    /// <summary>
    /// The present producer's, but not recorded as such. It can't be a part of a transaction that was decided: a decision's record names every partition,
    /// and nothing is written for the next one before the end of that one is durable.
    /// </summary>
    private bool IsUnrecorded(OpenTransaction open) =>
        ids.TryFindProducer(open.Producer.ProducerId, out TransactionalId? id)
        && id.Metadata is { IsEnding: false } metadata
        && metadata.Producer == open.Producer
        && !metadata.Partitions.Contains(open.Partition);

    /// <summary>
    /// Nobody's: of an epoch that is over, or of a producer id that is no longer anybody's. While a partition of the coordinator's own topic can't be read,
    /// a stranger may well belong to an id in there, and is left alone.
    /// </summary>
    private bool IsStray(OpenTransaction open)
    {
        if (!ids.TryFindProducer(open.Producer.ProducerId, out TransactionalId? id))
        {
            return log.IsComplete;
        }

        TransactionMetadata metadata = id.Metadata!;
        return metadata.IsEnding ? !metadata.Partitions.Contains(open.Partition) : metadata.Producer != open.Producer;
    }

    /// <summary>With the epoch that its marker needs: the later one of the partition's and the coordinator's.</summary>
    private OpenTransaction AtKnownEpoch(OpenTransaction open) =>
        ids.TryFindProducer(open.Producer.ProducerId, out TransactionalId? id) && id.Metadata!.ProducerEpoch > open.Producer.ProducerEpoch
            ? open with { Producer = id.Metadata.Producer }
            : open;

    private async Task FinishAsync(TransactionalId id)
    {
        TransactionMetadata decision = id.Metadata!;
        ErrorCode error = await ending.FinishAsync(id, decision);
        LogFinished(id.Name, decision.Producer, decision.State, error);
    }

    private void Adopt(ProducerIdAndEpoch producer, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (!ids.TryFindProducer(producer.ProducerId, out TransactionalId? id) || id.Metadata is not { } current)
        {
            return;
        }

        Transition added = TransactionTransitions.AddPartitions(
            current, producer, partitions, current.ClientVersion, time.GetUtcNow().ToUnixTimeMilliseconds());

        // Written for those who look at the topic; whatever becomes of the record, the next start finds the same transaction in the partitions.
        log.Append(id, added.Next!, out _);
        ids.Publish(id, added.Next!);
        LogAdopted(id.Name, producer, partitions.Count);
    }

    private async Task<bool> AbortAsync(OpenTransaction stray)
    {
        LogStray(stray.Partition, stray.Producer);
        return await ending.AbortAsync(stray.Partition, stray.Producer);
    }
}
