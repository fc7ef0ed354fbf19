using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>Who a transactional id belongs to, and for how long.</summary>
public sealed class TransactionLifetimeTests
{
    private readonly HandFlushedBroker _world = new();

    [Fact]
    public void Producers_without_transactions_get_ids_of_their_own() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        var ids = new HashSet<long>();
        for (int producer = 0; producer < (2 * ProducerIds.BlockSize) + 1; producer++)
        {
            ProducerResult result = await broker.Coordinator.InitializeAsync(null, 0, expected: null);
            Assert.Equal((ErrorCode.None, 0), (result.Error, result.Producer.ProducerEpoch));
            Assert.True(ids.Add(result.Producer.ProducerId));
        }

        Assert.Equal(3 * ProducerIds.BlockSize, broker.NextProducerId);
    });

    [Theory]
    [InlineData("", 60_000, ErrorCode.InvalidRequest)]
    [InlineData("stage", 0, ErrorCode.InvalidTransactionTimeout)]
    [InlineData("stage", 900_001, ErrorCode.InvalidTransactionTimeout)]
    public void What_makes_no_sense_is_refused(string transactionalId, int timeoutMs, ErrorCode error) => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        Assert.Equal(ProducerResult.Failed(error), await broker.Coordinator.InitializeAsync(transactionalId, timeoutMs, expected: null));
    });

    [Fact]
    public void A_successor_aborts_what_was_left_and_fences_its_predecessor() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch old = await _world.WriteAsync(broker, "stage");
        ProducerIdAndEpoch successor = await _world.InitializeAsync(broker, "stage");
        Assert.Equal(old.ProducerId, successor.ProducerId);
        Assert.True(successor.ProducerEpoch > old.ProducerEpoch);
        Assert.All(broker.Partitions, partition => Assert.Empty(partition.Open));
        Assert.All(broker.Partitions, partition => Assert.Empty(partition.Committed()));

        Assert.Equal(ErrorCode.InvalidProducerEpoch, await broker.ProduceAsync(0, old, 8));
        Assert.Equal(ErrorCode.ProducerFenced, await broker.Coordinator.AddPartitionsAsync("stage", old, [broker.Partitions[0].Name]));
        foreach (TransactionVersion version in Enum.GetValues<TransactionVersion>())
        {
            Assert.Equal(ErrorCode.ProducerFenced, (await broker.Coordinator.EndAsync("stage", old, isCommit: true, version)).Error);
        }

        Assert.Equal(ErrorCode.ProducerFenced, (await broker.Coordinator.InitializeAsync("stage", 60_000, old)).Error);
    });

    [Fact]
    public void A_producer_recovers_its_own_transaction_with_the_epoch_it_has_and_no_other() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.WriteAsync(broker, "stage");
        var stranger = producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) };
        Assert.Equal(ErrorCode.ProducerFenced, (await broker.Coordinator.InitializeAsync("stage", 60_000, stranger)).Error);
        Assert.Equal(TransactionState.Ongoing, HandFlushedBroker.Describe(broker, "stage").State);

        ProducerIdAndEpoch recovered = await _world.InitializeAsync(broker, "stage", producer);
        Assert.True(recovered.ProducerEpoch > producer.ProducerEpoch);
        Assert.Equal(recovered, await _world.InitializeAsync(broker, "stage", producer));
    });

    [Fact]
    public void A_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.WriteAsync(broker, "stage");
        _world.Time.Advance(TimeSpan.FromMilliseconds(60_000));
        await _world.FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Equal(TransactionState.Ongoing, HandFlushedBroker.Describe(broker, "stage").State);

        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _world.FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Equal(TransactionState.CompleteAbort, HandFlushedBroker.Describe(broker, "stage").State);
        Assert.All(broker.Partitions, partition => Assert.Empty(partition.Committed()));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await broker.ProduceAsync(0, producer, 8));
        Assert.Equal(ErrorCode.ProducerFenced, (await broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic)).Error);
    });

    [Fact]
    public void Timeouts_are_looked_after_while_the_broker_runs() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        _world.Disk.FlushesWhenAwaited = true;
        await _world.WriteAsync(broker, "stage");
        using var stop = new CancellationTokenSource();
        Task running = broker.Coordinator.RunAsync(stop.Token);
        _world.Time.Advance(TimeSpan.FromMilliseconds(60_001));
        await PumpContext.SettleAsync();
        Assert.Equal(TransactionState.CompleteAbort, HandFlushedBroker.Describe(broker, "stage").State);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    });

    [Fact]
    public void An_id_that_nobody_uses_is_forgotten_after_a_week_and_its_producer_id_never_given_again() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.InitializeAsync(broker, "stage");
        _world.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        await _world.FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Single(broker.Coordinator.List());

        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _world.FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Empty(broker.Coordinator.List());
        Assert.Equal(ErrorCode.TransactionalIdNotFound, broker.Coordinator.Describe("stage", out _));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, broker.Coordinator.Verify(producer.ProducerId, producer.ProducerEpoch, broker.Partitions[0].Name));
        Assert.Equal(
            ErrorCode.InvalidProducerIdMapping,
            await broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[0].Name]));
        Assert.Equal(new ProducerIdAndEpoch(1, 0), await _world.InitializeAsync(broker, "stage"));

        SimulatedBroker again = broker.AfterCrash(_world.Disk, isPowerFailure: false, new Random(0));
        await again.OpenAsync();
        Assert.Equal(1, Assert.Single(again.Coordinator.List()).Metadata.ProducerId);
    });
}
