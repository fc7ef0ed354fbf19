using Carousel.Broker.Partitions;
using Carousel.Broker.StateTopics;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Transactions;

/// <summary>What InitProducerId and EndTxn answer.</summary>
/// <param name="Producer">What the producer is from now on; <see cref="ProducerIdAndEpoch.None"/> with an error.</param>
internal readonly record struct ProducerResult(ErrorCode Error, ProducerIdAndEpoch Producer)
{
    public static ProducerResult Failed(ErrorCode error) => new(error, ProducerIdAndEpoch.None);
}

/// <summary>
/// Decides over transactions. Requests for one transactional id pass its gate one after another, where Kafka would answer CONCURRENT_TRANSACTIONS to the
/// later ones; ids never wait for each other. An end is answered when readers of committed records can see it. Errors are those of the newest request
/// versions: see <see cref="TransactionErrors"/> for older ones. Nothing here is cancelled when a client goes away: half an end is worse than a late one.
/// </summary>
internal sealed class TransactionCoordinator : ITransactionVerifier
{
    private readonly TransactionOptions _options;
    private readonly TransactionalIds _ids;
    private readonly TransactionStateLog _log;
    private readonly TransactionOperations _operations;
    private readonly ProducerIds _producerIds;
    private readonly TransactionSweep _sweep;

    private TransactionCoordinator(
        TransactionOptions options,
        TransactionalIds ids,
        TransactionStateLog log,
        TransactionOperations operations,
        ProducerIds producerIds,
        TransactionSweep sweep)
    {
        (_options, _ids, _log, _operations, _producerIds, _sweep) = (options, ids, log, operations, producerIds, sweep);
    }

    /// <summary>
    /// Reads <c>__transaction_state</c>, carries out every decision found there, and takes over or aborts what partitions have open. Call it once the
    /// partitions and the groups are loaded, and before anybody may produce.
    /// </summary>
    public static async Task<TransactionCoordinator> OpenAsync(
        StateTopic topic, TransactionPorts ports, TransactionOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var log = new TransactionStateLog(topic);
        var ids = new TransactionalIds(log.PartitionOf);
        var ending = new TransactionEnding(log, ids, ports.Markers, time, loggers.CreateLogger<TransactionEnding>());
        var producerIds = new ProducerIds(ports.ProducerIds);
        var recovery = new TransactionRecovery(log, ids, ending, producerIds, time, loggers.CreateLogger<TransactionRecovery>());
        var operations = new TransactionOperations(log, ids, ending, producerIds, time);
        var sweep = new TransactionSweep(options, log, ids, ending, time, loggers.CreateLogger<TransactionSweep>())
        {
            Strays = await recovery.RunAsync(ports.OpenTransactions),
        };
        return new TransactionCoordinator(options, ids, log, operations, producerIds, sweep);
    }

    /// <summary>Looks after timeouts, unfinished ends and expiry until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _sweep.RunAsync(cancellationToken);

    /// <summary>One round of <see cref="RunAsync"/>.</summary>
    public Task SweepAsync() => _sweep.RunOnceAsync();

    /// <summary>
    /// InitProducerId: gives the producer its id and an epoch above all before, and aborts what its predecessor left, all of it durably. Where Kafka aborts in
    /// the background and has the client ask again, the answer here comes after the abort.
    /// </summary>
    /// <param name="transactionalId">Null for a producer that is only idempotent.</param>
    /// <param name="expected">What the producer was before an error it recovers from (KIP-360); null for one that starts.</param>
    public async ValueTask<ProducerResult> InitializeAsync(string? transactionalId, int timeoutMs, ProducerIdAndEpoch? expected)
    {
        if (transactionalId is null)
        {
            (ErrorCode error, long producerId) = await _producerIds.NextAsync();
            return error == ErrorCode.None ? new ProducerResult(error, new ProducerIdAndEpoch(producerId, 0)) : ProducerResult.Failed(error);
        }

        if (transactionalId.Length == 0)
        {
            return ProducerResult.Failed(ErrorCode.InvalidRequest);
        }

        if (timeoutMs <= 0 || timeoutMs > _options.TimeoutMsMax)
        {
            return ProducerResult.Failed(ErrorCode.InvalidTransactionTimeout);
        }

        if (!_log.IsAvailable(transactionalId))
        {
            return ProducerResult.Failed(ErrorCode.CoordinatorNotAvailable);
        }

        ProducerResult? result = null;
        while (result is null)
        {
            // Null: the id expired while this request waited at its gate, and there is a new object to be had under the name.
            result = await InGateAsync(
                _ids.FindOrAdd(transactionalId),
                id => _operations.InitializeAsync(id, timeoutMs, expected));
        }

        return result.Value;
    }

    /// <summary>AddPartitionsToTxn and AddOffsetsToTxn: begins the transaction with the first partition.</summary>
    public ValueTask<ErrorCode> AddPartitionsAsync(
        string transactionalId, ProducerIdAndEpoch producer, IReadOnlyCollection<TopicPartition> partitions) =>
        AddAsync(transactionalId, producer, partitions, TransactionVersion.Classic);

    /// <summary>
    /// Produce from version 12 and TxnOffsetCommit from version 5 on: adds the partitions that are written to, before they are. Completes at once where they
    /// belong to the transaction already.
    /// </summary>
    public ValueTask<ErrorCode> AddImplicitlyAsync(
        string transactionalId, ProducerIdAndEpoch producer, IReadOnlyCollection<TopicPartition> partitions)
    {
        bool areAdded = _ids.Find(transactionalId)?.Metadata is { State: TransactionState.Ongoing } present
            && present.Producer == producer
            && present.Partitions.IsSupersetOf(partitions);
        return areAdded ? new ValueTask<ErrorCode>(ErrorCode.None) : AddAsync(transactionalId, producer, partitions, TransactionVersion.EpochBump);
    }

    /// <summary>EndTxn. When it returns without error, the end is durable and seen by readers of committed records.</summary>
    public async ValueTask<ProducerResult> EndAsync(string transactionalId, ProducerIdAndEpoch producer, bool isCommit, TransactionVersion version)
    {
        ErrorCode refused = Find(transactionalId, out TransactionalId? id);
        ProducerResult? result = refused == ErrorCode.None
            ? await InGateAsync(id!, found => _operations.EndAsync(found, producer, isCommit, version))
            : ProducerResult.Failed(refused);
        return result ?? ProducerResult.Failed(ErrorCode.InvalidProducerIdMapping);
    }

    /// <summary>
    /// Whether a producer may begin to write to a partition (KIP-890, part 1). It waits for nothing and takes no lock, so that it can be asked under the
    /// partition's lock; only then is it certain that no marker comes between the answer and the write.
    /// </summary>
    public ErrorCode Verify(long producerId, short producerEpoch, TopicPartition partition)
    {
        if (!_ids.TryFindProducer(producerId, out TransactionalId? id) || id.Metadata is not { } metadata)
        {
            return ErrorCode.InvalidProducerIdMapping;
        }

        // The epoch comes first: a fenced producer must hear of that, and not that its partition is missing (KAFKA-19690).
        if (metadata.Producer != new ProducerIdAndEpoch(producerId, producerEpoch))
        {
            return ErrorCode.InvalidProducerEpoch;
        }

        if (metadata.IsEnding)
        {
            return ErrorCode.ConcurrentTransactions;
        }

        return metadata.Partitions.Contains(partition) ? ErrorCode.None : ErrorCode.TransactionAbortable;
    }

    /// <summary>The present state of an id, or why there is none: TRANSACTIONAL_ID_NOT_FOUND, mostly.</summary>
    public ErrorCode Describe(string transactionalId, out TransactionMetadata? metadata)
    {
        ErrorCode refused = Find(transactionalId, out TransactionalId? id);
        metadata = id?.Metadata;
        return refused is ErrorCode.None or ErrorCode.InvalidProducerIdMapping && metadata is null ? ErrorCode.TransactionalIdNotFound : refused;
    }

    /// <summary>The present state of every id.</summary>
    public IEnumerable<(string Name, TransactionMetadata Metadata)> List() =>
        _ids.All.Select(id => (id.Name, id.Metadata)).Where(id => id.Metadata is not null)!;

    private async ValueTask<ErrorCode> AddAsync(
        string transactionalId, ProducerIdAndEpoch producer, IReadOnlyCollection<TopicPartition> partitions, TransactionVersion version)
    {
        ErrorCode refused = Find(transactionalId, out TransactionalId? id);
        return refused == ErrorCode.None
            ? await InGateAsync(id!, found => _operations.AddAsync(found, producer, partitions, version)) ?? ErrorCode.InvalidProducerIdMapping
            : refused;
    }

    private ErrorCode Find(string transactionalId, out TransactionalId? id)
    {
        id = null;
        if (transactionalId.Length == 0)
        {
            return ErrorCode.InvalidRequest;
        }

        if (!_log.IsAvailable(transactionalId))
        {
            return ErrorCode.CoordinatorNotAvailable;
        }

        id = _ids.Find(transactionalId);
        return id is null ? ErrorCode.InvalidProducerIdMapping : ErrorCode.None;
    }

    /// <summary>Runs an operation when it is its turn; null if the id expired before that.</summary>
    private static async ValueTask<T?> InGateAsync<T>(TransactionalId id, Func<TransactionalId, ValueTask<T>> operation)
        where T : struct
    {
        await id.Gate.EnterAsync();
        try
        {
            return id.IsRemoved ? null : await operation(id);
        }
        finally
        {
            id.Gate.Leave();
        }
    }
}
