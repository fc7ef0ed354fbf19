using Carousel.Broker.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>A disk that refuses, at each place where the coordinator writes.</summary>
public sealed class TransactionFailureTests : ITransactionMarkers, IOpenTransactions, IProducerIdReservations
{
    private static readonly TopicPartition Orders = new("orders", 0);
    private static readonly TopicPartition Deleted = new("deleted", 0);
    private readonly RefusingLog _log = new();
    private ErrorCode _markers = ErrorCode.None;
    private ErrorCode _reservations = ErrorCode.None;
    private int _markersWritten;

    public long NextProducerId { get; private set; }

    [Fact]
    public async Task An_end_that_partitions_refuse_is_decided_and_carried_out_later()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        _markers = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await coordinator.EndAsync("stage", producer, true, TransactionVersion.Classic)).Error);
        Assert.Equal(ErrorCode.InvalidTxnState, (await coordinator.EndAsync("stage", producer, false, TransactionVersion.Classic)).Error);
        Assert.Equal(ErrorCode.ConcurrentTransactions, await coordinator.AddPartitionsAsync("stage", producer, [Orders]));
        Assert.Equal(ErrorCode.ConcurrentTransactions, coordinator.Verify(producer.ProducerId, producer.ProducerEpoch, Orders));
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await coordinator.InitializeAsync("stage", 60_000, expected: null)).Error);

        _markers = ErrorCode.None;
        Assert.Equal(ErrorCode.None, (await coordinator.EndAsync("stage", producer, true, TransactionVersion.Classic)).Error);
        Assert.Equal(TransactionState.CompleteCommit, State(coordinator));
    }

    [Fact]
    public async Task An_end_that_partitions_refused_is_tried_again_without_being_asked()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        _markers = ErrorCode.KafkaStorageError;
        await coordinator.EndAsync("stage", producer, true, TransactionVersion.EpochBump);
        await coordinator.SweepAsync();
        Assert.Equal(TransactionState.PrepareCommit, State(coordinator));

        _markers = ErrorCode.None;
        await coordinator.SweepAsync();
        Assert.Equal(TransactionState.CompleteCommit, State(coordinator));
    }

    [Fact]
    public async Task A_decision_that_isnt_written_is_none()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        _log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.NotCoordinator, (await coordinator.EndAsync("stage", producer, true, TransactionVersion.Classic)).Error);
        Assert.Equal(0, _markersWritten);

        _log.Error = ErrorCode.None;
        Assert.Equal(ErrorCode.None, (await coordinator.EndAsync("stage", producer, false, TransactionVersion.Classic)).Error);
    }

    [Fact]
    public async Task An_end_that_cant_be_written_down_isnt_answered_and_keeps_the_next_transaction_away()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        _log.AppendsLeft = 1;
        Assert.Equal(ErrorCode.ConcurrentTransactions, (await coordinator.EndAsync("stage", producer, true, TransactionVersion.Classic)).Error);
        Assert.Equal(ErrorCode.ConcurrentTransactions, await coordinator.AddPartitionsAsync("stage", producer, [Orders]));

        _log.AppendsLeft = int.MaxValue;
        Assert.Equal(ErrorCode.None, await coordinator.AddPartitionsAsync("stage", producer, [Orders]));
    }

    [Fact]
    public async Task Partitions_that_arent_written_down_arent_added()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        _log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.NotCoordinator, await coordinator.AddPartitionsAsync("stage", producer, [Deleted]));
        Assert.Equal(ErrorCode.TransactionAbortable, coordinator.Verify(producer.ProducerId, producer.ProducerEpoch, Deleted));
    }

    [Fact]
    public async Task An_epoch_that_isnt_written_down_isnt_given()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        await coordinator.EndAsync("stage", producer, true, TransactionVersion.Classic);
        _log.Error = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.NotCoordinator, (await coordinator.InitializeAsync("stage", 60_000, expected: null)).Error);
        Assert.Equal(ErrorCode.NotCoordinator, (await coordinator.InitializeAsync("other", 60_000, expected: null)).Error);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await coordinator.AddPartitionsAsync("other", new(1, 0), [Orders]));
        await coordinator.SweepAsync();
        Assert.Equal("stage", Assert.Single(coordinator.List()).Name);

        _log.Error = ErrorCode.None;
        Assert.Equal(1, (await coordinator.InitializeAsync("stage", 60_000, expected: null)).Producer.ProducerEpoch);
    }

    [Fact]
    public async Task A_producer_id_that_isnt_reserved_isnt_given()
    {
        TransactionCoordinator coordinator = await OpenAsync();
        _reservations = ErrorCode.KafkaStorageError;
        Assert.Equal(ErrorCode.KafkaStorageError, (await coordinator.InitializeAsync(null, 0, expected: null)).Error);
        _reservations = ErrorCode.None;
        Assert.Equal(0, (await coordinator.InitializeAsync(null, 0, expected: null)).Producer.ProducerId);
    }

    [Fact]
    public async Task A_deleted_partition_is_no_obstacle()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        Assert.Equal(ErrorCode.None, await coordinator.AddPartitionsAsync("stage", producer, [Deleted]));
        Assert.Equal(ErrorCode.None, (await coordinator.EndAsync("stage", producer, true, TransactionVersion.Classic)).Error);
    }

    [Fact]
    public async Task Verification_names_the_first_thing_that_is_wrong()
    {
        (TransactionCoordinator coordinator, ProducerIdAndEpoch producer) = await BeginAsync();
        Assert.Equal(ErrorCode.None, coordinator.Verify(producer.ProducerId, producer.ProducerEpoch, Orders));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, coordinator.Verify(99, producer.ProducerEpoch, Deleted));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, coordinator.Verify(producer.ProducerId, (short)(producer.ProducerEpoch - 1), Deleted));
        Assert.Equal(ErrorCode.TransactionAbortable, coordinator.Verify(producer.ProducerId, producer.ProducerEpoch, Deleted));
    }

    ValueTask<ErrorCode> ITransactionMarkers.WriteAsync(TopicPartition partition, TransactionMarker marker)
    {
        _markersWritten++;
        return new(partition == Deleted ? ErrorCode.UnknownTopicOrPartition : _markers);
    }

    IEnumerable<OpenTransaction> IOpenTransactions.List() => [];

    ValueTask<ErrorCode> IProducerIdReservations.ReserveAsync(long nextProducerId)
    {
        if (_reservations == ErrorCode.None)
        {
            NextProducerId = nextProducerId;
        }

        return new(_reservations);
    }

    private static TransactionState State(TransactionCoordinator coordinator)
    {
        Assert.Equal(ErrorCode.None, coordinator.Describe("stage", out TransactionMetadata? metadata));
        return metadata!.State;
    }

    private async Task<TransactionCoordinator> OpenAsync() => await TransactionCoordinator.OpenAsync(
        new StateTopic("__transaction_state", [_log], new FakeTimeProvider()),
        new TransactionPorts(this, this, this),
        new TransactionOptions(),
        new FakeTimeProvider(),
        NullLoggerFactory.Instance);

    private async Task<(TransactionCoordinator Coordinator, ProducerIdAndEpoch Producer)> BeginAsync()
    {
        TransactionCoordinator coordinator = await OpenAsync();
        ProducerIdAndEpoch producer = (await coordinator.InitializeAsync("stage", 60_000, expected: null)).Producer;
        Assert.Equal(ErrorCode.None, await coordinator.AddPartitionsAsync("stage", producer, [Orders]));
        return (coordinator, producer);
    }

    /// <summary>A log that is never read again, and refuses when told to.</summary>
    private sealed class RefusingLog : IStateLog
    {
        private long _next;

        public ErrorCode Error { get; set; }

        public int AppendsLeft { get; set; } = int.MaxValue;

        public StateAppend Append(byte[] batch)
        {
            if (Error != ErrorCode.None || AppendsLeft == 0)
            {
                return StateAppend.Failed(Error == ErrorCode.None ? ErrorCode.KafkaStorageError : Error);
            }

            AppendsLeft--;
            return new StateAppend(ErrorCode.None, _next, _next++);
        }

        public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset) => new(Error);

        public ReadOnlyMemory<byte> Read(long offset) => default;
    }
}
