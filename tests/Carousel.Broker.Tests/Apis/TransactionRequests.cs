using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Asks a broker about one transactional id.</summary>
public sealed class TransactionRequests(ITransactionBroker broker)
{
    public const string Topic = "orders";
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(20);

    public string Id { get; } = $"id-{Guid.NewGuid():N}";

    public Task<(long ProducerId, short Epoch)> InitializeAsync(int timeoutMs) => InitializeAsync(-1, -1, timeoutMs);

    public async Task<(long ProducerId, short Epoch)> InitializeAsync(long producerId = -1, short epoch = -1, int timeoutMs = 60_000)
    {
        InitProducerIdResponse answer = await SettledAsync(
            () => broker.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(
                new() { TransactionalId = Id, TransactionTimeoutMs = timeoutMs, ProducerId = producerId, ProducerEpoch = epoch }, 5),
            answer => answer.ErrorCode);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return (answer.ProducerId, answer.ProducerEpoch);
    }

    public async Task<ErrorCode> InitializationErrorAsync(long producerId, short epoch, short version) =>
        (await broker.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(
            new() { TransactionalId = Id, TransactionTimeoutMs = 60_000, ProducerId = producerId, ProducerEpoch = epoch }, version)).ErrorCode;

    /// <summary>The errors in the order of the partitions asked for.</summary>
    public async Task<ErrorCode[]> AddAsync(long producerId, short epoch, short version, params int[] partitions)
    {
        AddPartitionsToTxnResponse answer = await SettledAsync(
            () => broker.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                new()
                {
                    V3AndBelowTransactionalId = Id,
                    V3AndBelowProducerId = producerId,
                    V3AndBelowProducerEpoch = epoch,
                    V3AndBelowTopics = [new() { Name = Topic, Partitions = partitions }],
                },
                version),
            answer => (ErrorCode)answer.ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);
        var results = Assert.Single(answer.ResultsByTopicV3AndBelow).ResultsByPartition.ToDictionary(result => result.PartitionIndex);
        return [.. partitions.Select(partition => (ErrorCode)results[partition].PartitionErrorCode)];
    }

    public async Task<ErrorCode> AddOffsetsAsync(long producerId, short epoch, short version) =>
        (await broker.AskAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
            new() { TransactionalId = Id, ProducerId = producerId, ProducerEpoch = epoch, GroupId = "group" }, version)).ErrorCode;

    /// <summary>Kafka answers before it is done, and CONCURRENT_TRANSACTIONS until then.</summary>
    public Task<EndTxnResponse> EndAsync(long producerId, short epoch, bool isCommit, short version) =>
        SettledAsync(() => EndOnceAsync(producerId, epoch, isCommit, version), answer => answer.ErrorCode);

    public Task<EndTxnResponse> EndOnceAsync(long producerId, short epoch, bool isCommit, short version) =>
        broker.AskAsync<EndTxnRequest, EndTxnResponse>(
            new() { TransactionalId = Id, ProducerId = producerId, ProducerEpoch = epoch, Committed = isCommit }, version);

    public async Task<DescribeTransactionsResponse.TransactionStateValue> DescribeAsync()
    {
        DescribeTransactionsResponse answer = await SettledAsync(
            () => broker.AskAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>(new() { TransactionalIds = [Id] }, 0),
            answer => answer.TransactionStates[0].TransactionState.StartsWith("Prepare", StringComparison.Ordinal)
                ? ErrorCode.ConcurrentTransactions
                : ErrorCode.None);
        return Assert.Single(answer.TransactionStates);
    }

    public async Task<IEnumerable<(string Id, long ProducerId, string State)>> ListAsync(ListTransactionsRequest request)
    {
        ListTransactionsResponse answer = await broker.AskAsync<ListTransactionsRequest, ListTransactionsResponse>(request, 2);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return answer.TransactionStates.Select(state => (state.TransactionalId, state.ProducerId, state.TransactionState));
    }

    private static Task<T> SettledAsync<T>(Func<Task<T>> ask, Func<T, ErrorCode> errorOf) => Eventually.TrueAsync(
        "the transaction before has ended", ask, answer => errorOf(answer) != ErrorCode.ConcurrentTransactions, SettleTimeout);
}
