using Carousel.Broker.StateTopics;
using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>What the coordinator makes of what it finds when it starts. The id is "stage", the producer 7 at epoch 4.</summary>
public sealed class TransactionRecoveryTests
{
    private static readonly ProducerIdAndEpoch Producer = new(7, 4);

    private static readonly TransactionMetadata Known =
        TransactionMetadata.New(7, 60_000, 0) with { ProducerEpoch = 4, PreviousProducerId = 7, StartTimestamp = 0 };

    [Theory]
    [InlineData(TransactionState.PrepareCommit, true, TransactionState.CompleteCommit)]
    [InlineData(TransactionState.PrepareAbort, false, TransactionState.CompleteAbort)]
    internal async Task A_decision_is_carried_out_in_every_partition_it_names(TransactionState decided, bool isCommit, TransactionState complete)
    {
        SimulatedBroker broker = await OpenAsync(Known with { State = decided, Partitions = [Name(0), Name(1)] }, (0, new Entry.Data(Producer, 1)));
        Assert.Equal(new Entry.Marker(Producer, isCommit), broker.Partitions[0].Entries[^1]);
        Assert.Equal(new Entry.Marker(Producer, isCommit), broker.Partitions[1].Entries[^1]);
        Assert.Empty(broker.Partitions[2].Entries);
        Assert.Equal(complete, State(broker));
    }

    [Fact]
    public async Task A_transaction_that_ran_out_of_epochs_goes_on_with_the_next_producer_id()
    {
        SimulatedBroker broker = await OpenAsync(Known with
        {
            ProducerEpoch = short.MaxValue,
            NextProducerId = 9,
            State = TransactionState.PrepareCommit,
            ClientVersion = TransactionVersion.EpochBump,
        });
        ProducerResult repeated = await broker.Coordinator.EndAsync("stage", new(7, 32766), isCommit: true, TransactionVersion.EpochBump);
        Assert.Equal(new ProducerResult(ErrorCode.None, new(9, 0)), repeated);
        Assert.Equal(10, (await broker.Coordinator.InitializeAsync(null, 0, expected: null)).Producer.ProducerId);
    }

    [Fact]
    public async Task An_ongoing_transaction_goes_on_and_may_be_committed()
    {
        SimulatedBroker broker = await OpenAsync(Known with { State = TransactionState.Ongoing, Partitions = [Name(0)] }, (0, new Entry.Data(Producer, 1)));
        Assert.Equal(ErrorCode.None, (await broker.Coordinator.EndAsync("stage", Producer, isCommit: true, TransactionVersion.Classic)).Error);
        Assert.Equal([1], broker.Partitions[0].Committed());
    }

    /// <summary>The record that said so was lost with the power.</summary>
    [Theory]
    [InlineData(TransactionState.Empty)]
    [InlineData(TransactionState.CompleteCommit)]
    [InlineData(TransactionState.CompleteAbort)]
    [InlineData(TransactionState.Ongoing)]
    internal async Task An_open_transaction_of_the_present_producer_goes_on(TransactionState state)
    {
        SimulatedBroker broker = await OpenAsync(
            Known with { State = state, Partitions = state == TransactionState.Ongoing ? [Name(2)] : [] },
            (0, new Entry.Data(Producer, 1)),
            (1, new Entry.Data(Producer, 1)));
        broker.Coordinator.Describe("stage", out TransactionMetadata? metadata);
        Assert.Equal(TransactionState.Ongoing, metadata!.State);
        Assert.True(metadata.Partitions.IsSupersetOf([Name(0), Name(1)]));
        Assert.Equal(ErrorCode.None, (await broker.Coordinator.EndAsync("stage", Producer, isCommit: true, TransactionVersion.Classic)).Error);
        Assert.Equal([1], broker.Partitions[0].Committed());
        Assert.Equal([1], broker.Partitions[1].Committed());
    }

    [Fact]
    public async Task An_open_transaction_that_its_producer_never_ends_times_out()
    {
        SimulatedBroker broker = await OpenAsync(Known with { State = TransactionState.Empty, StartTimestamp = -1 }, (0, new Entry.Data(Producer, 1)));
        broker.Time.Advance(TimeSpan.FromMilliseconds(60_001));
        await broker.Coordinator.SweepAsync();
        Assert.Empty(broker.Partitions[0].Open);
        Assert.Empty(broker.Partitions[0].Committed());
    }

    [Theory]
    [InlineData(7, 3, 7, 4)]
    [InlineData(7, 5, 7, 5)]
    [InlineData(8, 0, 8, 0)]
    public async Task An_open_transaction_of_nobody_is_aborted(long producerId, short epoch, long markerId, short markerEpoch)
    {
        SimulatedBroker broker = await OpenAsync(Known with { State = TransactionState.CompleteCommit }, (1, new Entry.Data(new(producerId, epoch), 1)));
        Assert.Equal(new Entry.Marker(new(markerId, markerEpoch), IsCommit: false), broker.Partitions[1].Entries[^1]);
        Assert.Equal(TransactionState.CompleteCommit, State(broker));
    }

    [Fact]
    public async Task What_a_decision_doesnt_name_is_not_committed_with_it()
    {
        SimulatedBroker broker = await OpenAsync(
            Known with { State = TransactionState.PrepareCommit, Partitions = [Name(0)] },
            (0, new Entry.Data(Producer, 1)),
            (1, new Entry.Data(Producer, 2)));
        Assert.Equal([1], broker.Partitions[0].Committed());
        Assert.Empty(broker.Partitions[1].Committed());
        Assert.Empty(broker.Partitions[1].Open);
    }

    [Fact]
    public async Task Producer_ids_that_are_in_use_are_never_given_out_even_if_the_reservations_are_lost()
    {
        SimulatedBroker broker = await OpenAsync(Known with { State = TransactionState.Empty }, (1, new Entry.Data(new(41, 0), 1)));
        Assert.Equal(42, (await broker.Coordinator.InitializeAsync("other", 60_000, expected: null)).Producer.ProducerId);
    }

    [Fact]
    public async Task A_partition_that_cant_be_read_keeps_its_ids_away_and_strangers_are_left_alone()
    {
        SimulatedBroker broker = SimulatedBroker.With("stage", Known, (0, new Entry.Data(new(8, 0), 1)));
        var topic = new StateTopic("__transaction_state", [new BrokenLog(), new BrokenLog()], new FakeTimeProvider());
        TransactionCoordinator coordinator = await TransactionCoordinator.OpenAsync(
            topic, new TransactionPorts(broker, broker, broker), new TransactionOptions(), new FakeTimeProvider(), NullLoggerFactory.Instance);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await coordinator.InitializeAsync("stage", 60_000, expected: null)).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, await coordinator.AddPartitionsAsync("stage", Producer, [Name(0)]));
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await coordinator.EndAsync("stage", Producer, true, TransactionVersion.Classic)).Error);
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, coordinator.Describe("stage", out _));
        Assert.Single(broker.Partitions[0].Entries);
    }

    private static TopicPartition Name(int partition) => new(SimulatedBroker.Topic, partition);

    private static TransactionState State(SimulatedBroker broker)
    {
        Assert.Equal(ErrorCode.None, broker.Coordinator.Describe("stage", out TransactionMetadata? metadata));
        return metadata!.State;
    }

    private static async Task<SimulatedBroker> OpenAsync(TransactionMetadata known, params (int Partition, Entry Entry)[] entries)
    {
        SimulatedBroker broker = SimulatedBroker.With("stage", known, entries);
        await broker.OpenAsync();
        return broker;
    }

    private sealed class BrokenLog : IStateLog
    {
        public StateAppend Append(byte[] batch) => StateAppend.Failed(ErrorCode.KafkaStorageError);

        public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset) => new(ErrorCode.KafkaStorageError);

        public ReadOnlyMemory<byte> Read(long offset) => throw new InvalidDataException("broken");
    }
}
