using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>What every broker answers about transactions; here that is this one and Apache Kafka 4.2.</summary>
public abstract class TransactionContractTests
{
    private TransactionRequests? _requests;

    protected abstract ITransactionBroker Broker { get; }

    private TransactionRequests Ask => _requests ??= new TransactionRequests(Broker);

    private string Id => Ask.Id;

    [Fact]
    public async Task Each_new_producer_has_the_next_epoch_of_the_same_producer_id()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        Assert.Equal(0, epoch);
        Assert.Equal((producerId, 1), await Ask.InitializeAsync());
    }

    [Fact]
    public async Task Producers_without_an_id_have_epoch_0_and_a_producer_id_of_their_own()
    {
        InitProducerIdResponse first = await Broker.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = null }, 4);
        InitProducerIdResponse second = await Broker.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(new() { TransactionalId = null }, 0);
        Assert.Equal((ErrorCode.None, 0, ErrorCode.None, 0), (first.ErrorCode, first.ProducerEpoch, second.ErrorCode, second.ProducerEpoch));
        Assert.NotEqual(first.ProducerId, second.ProducerId);
    }

    [Theory]
    [InlineData("", 1_000, -1, -1, ErrorCode.InvalidRequest)]
    [InlineData("x", 900_001, -1, -1, ErrorCode.InvalidTransactionTimeout)]
    [InlineData("x", 0, -1, -1, ErrorCode.InvalidTransactionTimeout)]
    [InlineData("x", 1_000, 5, -1, ErrorCode.InvalidRequest)]
    [InlineData("x", 1_000, -1, 5, ErrorCode.InvalidRequest)]
    public async Task An_initialization_that_makes_no_sense_is_refused(string id, int timeoutMs, long producerId, short epoch, ErrorCode error)
    {
        InitProducerIdResponse answer = await Broker.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(
            new() { TransactionalId = id, TransactionTimeoutMs = timeoutMs, ProducerId = producerId, ProducerEpoch = epoch }, 4);
        Assert.Equal((error, -1L, (short)-1), (answer.ErrorCode, answer.ProducerId, answer.ProducerEpoch));
    }

    [Fact]
    public async Task A_producer_that_recovers_gets_the_next_epoch_also_when_it_asks_again_and_is_fenced_by_a_new_one()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        Assert.Equal((producerId, epoch + 1), await Ask.InitializeAsync(producerId, epoch));
        Assert.Equal((producerId, epoch + 1), await Ask.InitializeAsync(producerId, epoch));
        await Ask.InitializeAsync();
        Assert.Equal(ErrorCode.ProducerFenced, await Ask.InitializationErrorAsync(producerId, epoch, version: 4));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await Ask.InitializationErrorAsync(producerId, epoch, version: 3));
        Assert.Equal(ErrorCode.ProducerFenced, await Ask.InitializationErrorAsync(producerId + 1_000_000, epoch, version: 5));
    }

    [Theory]
    [InlineData(0, ErrorCode.InvalidProducerEpoch)]
    [InlineData(1, ErrorCode.InvalidProducerEpoch)]
    [InlineData(2, ErrorCode.ProducerFenced)]
    [InlineData(3, ErrorCode.ProducerFenced)]
    public async Task An_old_epoch_adds_nothing_and_ends_nothing(short version, ErrorCode error)
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.InitializeAsync();
        Assert.Equal([error], await Ask.AddAsync(producerId, epoch, version, 0));
        Assert.Equal(error, await Ask.AddOffsetsAsync(producerId, epoch, version));
        Assert.Equal(error, (await Ask.EndOnceAsync(producerId, epoch, isCommit: true, version)).ErrorCode);
    }

    [Fact]
    public async Task A_stranger_adds_nothing_and_ends_nothing()
    {
        Assert.Equal([ErrorCode.InvalidProducerIdMapping], await Ask.AddAsync(1, 0, 3, 0));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await Ask.AddOffsetsAsync(1, 0, 3));
        (long producerId, short epoch) = await Ask.InitializeAsync();
        Assert.Equal([ErrorCode.InvalidProducerIdMapping], await Ask.AddAsync(producerId + 1_000_000, epoch, 3, 0));
        foreach (short version in new short[] { 1, 3, 5 })
        {
            Assert.Equal(
                ErrorCode.InvalidProducerIdMapping, (await Ask.EndOnceAsync(producerId + 1_000_000, epoch, isCommit: true, version)).ErrorCode);
        }
    }

    [Fact]
    public async Task Partitions_are_added_together_or_not_at_all()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        Assert.Equal(
            [ErrorCode.OperationNotAttempted, ErrorCode.UnknownTopicOrPartition, ErrorCode.OperationNotAttempted],
            await Ask.AddAsync(producerId, epoch, 3, 0, 99, 1));
        Assert.Equal("Empty", (await Ask.DescribeAsync()).TransactionState);
        Assert.Equal([ErrorCode.None, ErrorCode.None], await Ask.AddAsync(producerId, epoch, 3, 0, 1));
        Assert.Equal([ErrorCode.None], await Ask.AddAsync(producerId, epoch, 0, 1));
        Assert.Equal("Ongoing", (await Ask.DescribeAsync()).TransactionState);
    }

    [Fact]
    public async Task A_transaction_is_described_while_it_lasts()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.AddAsync(producerId, epoch, 3, 2, 0);
        Assert.Equal(ErrorCode.None, await Ask.AddOffsetsAsync(producerId, epoch, 3));
        DescribeTransactionsResponse.TransactionStateValue described = await Ask.DescribeAsync();
        Assert.Equal((ErrorCode.None, producerId, epoch, 60_000), (described.ErrorCode, described.ProducerId, described.ProducerEpoch, described.TransactionTimeoutMs));
        Assert.True(described.TransactionStartTimeMs > 0);
        Assert.Equal(["__consumer_offsets", TransactionRequests.Topic], described.Topics.Select(topic => topic.Topic).Order(StringComparer.Ordinal));
        Assert.Equal([0, 2], described.Topics.Single(topic => topic.Topic == TransactionRequests.Topic).Partitions.Order());
    }

    [Theory]
    [InlineData("", ErrorCode.InvalidRequest)]
    [InlineData("nobody", ErrorCode.TransactionalIdNotFound)]
    public async Task An_id_that_isnt_there_cant_be_described(string id, ErrorCode error)
    {
        DescribeTransactionsResponse answer = await Broker.AskAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>(
            new() { TransactionalIds = [id] }, 0);
        Assert.Equal((error, id, ""), Assert.Single(answer.TransactionStates) is var state ? (state.ErrorCode, state.TransactionalId, state.TransactionState) : default);
    }

    [Fact]
    public async Task A_classic_commit_may_be_repeated_and_not_contradicted()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.AddAsync(producerId, epoch, 0, 0);
        Assert.Equal(ErrorCode.None, (await Ask.EndAsync(producerId, epoch, isCommit: true, 1)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await Ask.EndAsync(producerId, epoch, isCommit: true, 1)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidTxnState, (await Ask.EndAsync(producerId, epoch, isCommit: false, 1)).ErrorCode);
        Assert.Equal("CompleteCommit", (await Ask.DescribeAsync()).TransactionState);
        Assert.Equal((producerId, epoch), ((await Ask.DescribeAsync()).ProducerId, (await Ask.DescribeAsync()).ProducerEpoch));
    }

    [Fact]
    public async Task A_classic_abort_may_be_repeated_and_not_contradicted()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.AddAsync(producerId, epoch, 0, 0);
        Assert.Equal(ErrorCode.None, (await Ask.EndAsync(producerId, epoch, isCommit: false, 3)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await Ask.EndAsync(producerId, epoch, isCommit: false, 3)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidTxnState, (await Ask.EndAsync(producerId, epoch, isCommit: true, 3)).ErrorCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_commit_of_nothing_is_refused(short version)
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, (await Ask.EndAsync(producerId, epoch, isCommit: true, version)).ErrorCode);
    }

    [Fact]
    public async Task Every_end_raises_the_epoch_in_the_new_protocol()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.AddAsync(producerId, epoch, 3, 0);
        AssertProducer(await Ask.EndAsync(producerId, epoch, isCommit: true, 5), producerId, epoch + 1);
        AssertProducer(await Ask.EndAsync(producerId, epoch, isCommit: true, 5), producerId, epoch + 1);
        Assert.Equal(ErrorCode.InvalidTxnState, (await Ask.EndAsync(producerId, epoch, isCommit: false, 5)).ErrorCode);
        Assert.Equal([ErrorCode.ProducerFenced], await Ask.AddAsync(producerId, epoch, 3, 0));

        short next = (short)(epoch + 1);
        AssertProducer(await Ask.EndAsync(producerId, next, isCommit: false, 5), producerId, next + 1);
        AssertProducer(await Ask.EndAsync(producerId, next, isCommit: false, 5), producerId, next + 1);
        Assert.Equal(ErrorCode.InvalidTxnState, (await Ask.EndAsync(producerId, next, isCommit: true, 5)).ErrorCode);
        Assert.Equal(ErrorCode.ProducerFenced, (await Ask.EndAsync(producerId, epoch, isCommit: true, 5)).ErrorCode);
        Assert.Equal("CompleteAbort", (await Ask.DescribeAsync()).TransactionState);
    }

    [Fact]
    public async Task A_new_producer_ends_and_fences_what_is_ongoing()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.AddAsync(producerId, epoch, 3, 0);
        (long nextId, short nextEpoch) = await Ask.InitializeAsync();
        Assert.Equal((producerId, epoch + 2), (nextId, nextEpoch));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await Ask.EndAsync(producerId, epoch, isCommit: true, 1)).ErrorCode);
        Assert.Equal(ErrorCode.ProducerFenced, (await Ask.EndAsync(producerId, epoch, isCommit: true, 5)).ErrorCode);
        Assert.Equal([ErrorCode.None], await Ask.AddAsync(nextId, nextEpoch, 3, 0));
    }

    [Fact]
    public async Task A_transaction_that_takes_too_long_is_aborted_and_its_classic_producer_fenced()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync(timeoutMs: 500);
        await Ask.AddAsync(producerId, epoch, 3, 0);
        await Broker.LetPassAsync(TimeSpan.FromMilliseconds(500));
        DescribeTransactionsResponse.TransactionStateValue described = await Ask.DescribeAsync();
        Assert.Equal(("CompleteAbort", producerId, epoch + 1), (described.TransactionState, described.ProducerId, described.ProducerEpoch));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await Ask.EndAsync(producerId, epoch, isCommit: true, 1)).ErrorCode);
        Assert.Equal(ErrorCode.InvalidProducerEpoch, (await Ask.EndAsync(producerId, epoch, isCommit: false, 1)).ErrorCode);
        Assert.Equal([ErrorCode.ProducerFenced], await Ask.AddAsync(producerId, epoch, 3, 0));
        Assert.Equal((producerId, epoch + 2), await Ask.InitializeAsync());
        Assert.Equal(ErrorCode.ProducerFenced, (await Ask.EndAsync(producerId, epoch, isCommit: false, 5)).ErrorCode);
    }

    [Fact]
    public async Task A_producer_of_the_new_protocol_may_abort_what_took_too_long_and_go_on()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync(timeoutMs: 500);
        await Ask.AddAsync(producerId, epoch, 3, 0);
        await Broker.LetPassAsync(TimeSpan.FromMilliseconds(500));
        await Ask.DescribeAsync();
        Assert.Equal(ErrorCode.InvalidTxnState, (await Ask.EndAsync(producerId, epoch, isCommit: true, 5)).ErrorCode);
        AssertProducer(await Ask.EndAsync(producerId, epoch, isCommit: false, 5), producerId, epoch + 1);
    }

    [Fact]
    public async Task A_producer_whose_transaction_took_too_long_may_recover()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync(timeoutMs: 500);
        await Ask.AddAsync(producerId, epoch, 3, 0);
        await Broker.LetPassAsync(TimeSpan.FromMilliseconds(500));
        await Ask.DescribeAsync();
        Assert.Equal((producerId, epoch + 1), await Ask.InitializeAsync(producerId, epoch));
    }

    [Fact]
    public async Task Transactions_are_listed_by_state_producer_duration_and_pattern()
    {
        (long producerId, short epoch) = await Ask.InitializeAsync();
        await Ask.AddAsync(producerId, epoch, 3, 0);
        await Broker.LetPassAsync(TimeSpan.FromMilliseconds(5));
        Assert.Equal((Id, producerId, "Ongoing"), Assert.Single(await Ask.ListAsync(new() { ProducerIdFilters = [producerId] })));
        Assert.Contains((Id, producerId, "Ongoing"), await Ask.ListAsync(new() { StateFilters = ["Empty", "Ongoing"] }));
        Assert.DoesNotContain((Id, producerId, "Ongoing"), await Ask.ListAsync(new() { StateFilters = ["PrepareEpochFence"] }));
        Assert.Contains((Id, producerId, "Ongoing"), await Ask.ListAsync(new() { DurationFilter = 1 }));
        Assert.DoesNotContain((Id, producerId, "Ongoing"), await Ask.ListAsync(new() { DurationFilter = 600_000 }));
        Assert.Single(await Ask.ListAsync(new() { TransactionalIdPattern = Id[..^2] + ".[0-9a-f]" }));
        Assert.Empty(await Ask.ListAsync(new() { TransactionalIdPattern = Id[..^2] }));
        Assert.Single(await Ask.ListAsync(new() { TransactionalIdPattern = "", ProducerIdFilters = [producerId] }));
    }

    [Fact]
    public async Task A_filter_that_cant_be_understood_is_said_so()
    {
        ListTransactionsResponse states = await Broker.AskAsync<ListTransactionsRequest, ListTransactionsResponse>(
            new() { StateFilters = ["Ongoing", "ongoing", "Dead", "Never"] }, 0);
        Assert.Equal(["Never", "ongoing"], states.UnknownStateFilters.Order(StringComparer.Ordinal));
        ListTransactionsResponse pattern = await Broker.AskAsync<ListTransactionsRequest, ListTransactionsResponse>(
            new() { TransactionalIdPattern = "(ab" }, 2);
        Assert.Equal(ErrorCode.InvalidRegularExpression, pattern.ErrorCode);
    }

    [Fact]
    public async Task A_marker_for_a_partition_that_isnt_there_is_refused()
    {
        WriteTxnMarkersResponse answer = await Broker.AskAsync<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
            new() { Markers = [new() { ProducerId = 5, ProducerEpoch = 1, Topics = [new() { Name = TransactionRequests.Topic, PartitionIndexes = [0, 99] }] }] }, 1);
        WriteTxnMarkersResponse.WritableTxnMarkerResult marker = Assert.Single(answer.Markers);
        Assert.Equal(5, marker.ProducerId);
        Assert.Equal(
            [(0, ErrorCode.None), (99, ErrorCode.UnknownTopicOrPartition)],
            Assert.Single(marker.Topics).Partitions.OrderBy(partition => partition.PartitionIndex).Select(partition => (partition.PartitionIndex, partition.ErrorCode)));
    }

    private static void AssertProducer(EndTxnResponse answer, long producerId, int epoch) =>
        Assert.Equal((ErrorCode.None, producerId, epoch), (answer.ErrorCode, answer.ProducerId, answer.ProducerEpoch));
}

public sealed class EmbeddedTransactionContractTests : TransactionContractTests, IAsyncLifetime
{
    private EmbeddedTransactionBroker _broker = null!;

    protected override ITransactionBroker Broker => _broker;

    public async ValueTask InitializeAsync() => _broker = await EmbeddedTransactionBroker.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class KafkaTransactionContractTests(KafkaTransactionContractTests.Kafka kafka)
    : TransactionContractTests, IClassFixture<KafkaTransactionContractTests.Kafka>, IAsyncLifetime
{
    private KafkaTransactionBroker _broker = null!;

    protected override ITransactionBroker Broker => _broker;

    // A test can be skipped here, and not by its fixture.
    public async ValueTask InitializeAsync() => _broker = await kafka.StartOrSkipAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>One Kafka for all cases: each has an id of its own.</summary>
    public sealed class Kafka : IAsyncDisposable
    {
        private KafkaTransactionBroker? _broker;

        internal async Task<KafkaTransactionBroker> StartOrSkipAsync() => _broker ??= await KafkaTransactionBroker.StartOrSkipAsync();

        public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
