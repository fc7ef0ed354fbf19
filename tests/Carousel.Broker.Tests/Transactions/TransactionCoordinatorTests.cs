using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>What clients are told, and when: the disk here is flushed by the test alone.</summary>
public sealed class TransactionCoordinatorTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_producer_gets_its_epoch_once_it_is_on_disk() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        Task<ProducerResult> initialized = broker.Coordinator.InitializeAsync("stage", 60_000, expected: null).AsTask();
        Assert.False(initialized.IsCompleted);
        _disk.FlushAll();
        Assert.Equal(new ProducerIdAndEpoch(0, 0), (await initialized).Producer);
    });

    [Fact]
    public void Producers_without_transactions_get_ids_of_their_own() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
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
        SimulatedBroker broker = await StartAsync();
        Assert.Equal(ProducerResult.Failed(error), await broker.Coordinator.InitializeAsync(transactionalId, timeoutMs, expected: null));
    });

    [Fact]
    public void Adding_partitions_waits_for_no_disk() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await InitializeAsync(broker, "stage");
        for (int partition = 0; partition < SimulatedBroker.PartitionCount; partition++)
        {
            ValueTask<ErrorCode> added = broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[partition].Name]);
            Assert.True(added.IsCompletedSuccessfully);
            Assert.Equal(ErrorCode.None, await added);
        }

        Assert.NotEmpty(_disk.Dirty);
    });

    [Fact]
    public void A_commit_is_answered_once_every_marker_is_on_disk_and_seen() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await WriteAsync(broker, "stage");
        Task<ProducerResult> ended = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic).AsTask();
        Assert.All(broker.Partitions, partition => Assert.DoesNotContain(partition.Entries, entry => entry is Entry.Marker));

        _disk.FlushAll();
        await PumpContext.SettleAsync();
        Assert.All(broker.Partitions, partition => Assert.IsType<Entry.Marker>(partition.Entries[^1]));
        Assert.False(ended.IsCompleted);

        _disk.FlushAll();
        Assert.Equal(ErrorCode.None, (await ended).Error);
        Assert.All(broker.Partitions, partition => Assert.Equal([7], partition.Committed()));
    });

    [Fact]
    public void The_next_transaction_begins_once_the_end_of_the_last_one_is_on_disk() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await CommitAsync(broker, "stage");
        Task<ErrorCode> begun = broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[0].Name]).AsTask();
        Assert.False(begun.IsCompleted);
        _disk.FlushAll();
        Assert.Equal(ErrorCode.None, await begun);
    });

    [Fact]
    public void Two_flushes_serve_the_ends_of_all_transactions() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        var producers = new Dictionary<string, ProducerIdAndEpoch>();
        for (int number = 0; number < 50; number++)
        {
            producers[$"stage-{number}"] = await WriteAsync(broker, $"stage-{number}");
        }

        Task<ProducerResult>[] ended =
            [.. producers.Select(id => broker.Coordinator.EndAsync(id.Key, id.Value, isCommit: true, TransactionVersion.Classic).AsTask())];
        _disk.FlushAll();
        await PumpContext.SettleAsync();
        Assert.All(ended, end => Assert.False(end.IsCompleted));
        _disk.FlushAll();
        await PumpContext.SettleAsync();
        Assert.All(ended, end => Assert.True(end.IsCompletedSuccessfully));
    });

    [Fact]
    public void A_second_request_for_the_same_id_waits_for_the_first_instead_of_being_refused() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await WriteAsync(broker, "stage");
        Task<ProducerResult> ended = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic).AsTask();
        Task<ProducerResult> repeated = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic).AsTask();
        Task<ErrorCode> begun = broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[0].Name]).AsTask();
        await FlushUntilAsync(begun);
        Assert.Equal((ErrorCode.None, ErrorCode.None, ErrorCode.None), ((await ended).Error, (await repeated).Error, await begun));
        Assert.Equal(TransactionState.Ongoing, Describe(broker, "stage").State);
    });

    [Fact]
    public void A_successor_aborts_what_was_left_and_fences_its_predecessor() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch old = await WriteAsync(broker, "stage");
        ProducerIdAndEpoch successor = await InitializeAsync(broker, "stage");
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
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await WriteAsync(broker, "stage");
        var stranger = producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) };
        Assert.Equal(ErrorCode.ProducerFenced, (await broker.Coordinator.InitializeAsync("stage", 60_000, stranger)).Error);
        Assert.Equal(TransactionState.Ongoing, Describe(broker, "stage").State);

        ProducerIdAndEpoch recovered = await InitializeAsync(broker, "stage", producer);
        Assert.True(recovered.ProducerEpoch > producer.ProducerEpoch);
        Assert.Equal(recovered, await InitializeAsync(broker, "stage", producer));
    });

    [Fact]
    public void A_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await WriteAsync(broker, "stage");
        _time.Advance(TimeSpan.FromMilliseconds(60_000));
        await FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Equal(TransactionState.Ongoing, Describe(broker, "stage").State);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Equal(TransactionState.CompleteAbort, Describe(broker, "stage").State);
        Assert.All(broker.Partitions, partition => Assert.Empty(partition.Committed()));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await broker.ProduceAsync(0, producer, 8));
        Assert.Equal(ErrorCode.ProducerFenced, (await broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic)).Error);
    });

    [Fact]
    public void Timeouts_are_looked_after_while_the_broker_runs() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        _disk.FlushesWhenAwaited = true;
        await WriteAsync(broker, "stage");
        using var stop = new CancellationTokenSource();
        Task running = broker.Coordinator.RunAsync(stop.Token);
        _time.Advance(TimeSpan.FromMilliseconds(60_001));
        await PumpContext.SettleAsync();
        Assert.Equal(TransactionState.CompleteAbort, Describe(broker, "stage").State);
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    });

    [Fact]
    public void An_id_that_nobody_uses_is_forgotten_after_a_week_and_its_producer_id_never_given_again() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await InitializeAsync(broker, "stage");
        _time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        await FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Single(broker.Coordinator.List());

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await FlushUntilAsync(broker.Coordinator.SweepAsync());
        Assert.Empty(broker.Coordinator.List());
        Assert.Equal(ErrorCode.TransactionalIdNotFound, broker.Coordinator.Describe("stage", out _));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, broker.Coordinator.Verify(producer.ProducerId, producer.ProducerEpoch, broker.Partitions[0].Name));
        Assert.Equal(
            ErrorCode.InvalidProducerIdMapping,
            await broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[0].Name]));
        Assert.Equal(new ProducerIdAndEpoch(1, 0), await InitializeAsync(broker, "stage"));

        SimulatedBroker again = broker.AfterCrash(_disk, isPowerFailure: false, new Random(0));
        await again.OpenAsync();
        Assert.Equal(1, Assert.Single(again.Coordinator.List()).Metadata.ProducerId);
    });

    [Fact]
    public void Writing_adds_the_partition_only_once_in_the_new_protocol() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await InitializeAsync(broker, "stage");
        TopicPartition[] partition = [broker.Partitions[0].Name];
        Assert.Equal(ErrorCode.None, await broker.Coordinator.AddImplicitlyAsync("stage", producer, partition));
        int steps = _disk.Steps;
        Assert.Equal(ErrorCode.None, await broker.Coordinator.AddImplicitlyAsync("stage", producer, partition));
        Assert.Equal(steps, _disk.Steps);
        Assert.Equal(TransactionVersion.EpochBump, Describe(broker, "stage").ClientVersion);
    });

    [Fact]
    public void Every_end_raises_the_epoch_in_the_new_protocol_and_the_marker_has_it() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await StartAsync();
        ProducerIdAndEpoch producer = await WriteAsync(broker, "stage");
        ProducerIdAndEpoch next = producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) };
        Task<ProducerResult> ended = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.EpochBump).AsTask();
        await FlushUntilAsync(ended);
        Assert.Equal(new ProducerResult(ErrorCode.None, next), await ended);
        Assert.All(broker.Partitions, partition => Assert.Equal(next, partition.Entries.OfType<Entry.Marker>().Single().Producer));
        Assert.Equal(new ProducerResult(ErrorCode.None, next), await broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.EpochBump));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await broker.ProduceAsync(0, producer, 8));
    });

    private async Task<SimulatedBroker> StartAsync()
    {
        SimulatedBroker broker = SimulatedBroker.New(_disk, _time);
        await broker.OpenAsync();
        return broker;
    }

    private async Task<ProducerIdAndEpoch> InitializeAsync(SimulatedBroker broker, string transactionalId, ProducerIdAndEpoch? expected = null)
    {
        Task<ProducerResult> initialized = broker.Coordinator.InitializeAsync(transactionalId, 60_000, expected).AsTask();
        await FlushUntilAsync(initialized);
        Assert.Equal(ErrorCode.None, (await initialized).Error);
        return (await initialized).Producer;
    }

    /// <summary>A producer with record 7 in every partition.</summary>
    private async Task<ProducerIdAndEpoch> WriteAsync(SimulatedBroker broker, string transactionalId)
    {
        ProducerIdAndEpoch producer = await InitializeAsync(broker, transactionalId);
        Assert.Equal(
            ErrorCode.None,
            await broker.Coordinator.AddPartitionsAsync(transactionalId, producer, [.. broker.Partitions.Select(partition => partition.Name)]));
        Task<ErrorCode[]> written = Task.WhenAll(Enumerable.Range(0, SimulatedBroker.PartitionCount).Select(partition => broker.ProduceAsync(partition, producer, 7).AsTask()));
        await FlushUntilAsync(written);
        Assert.All(await written, error => Assert.Equal(ErrorCode.None, error));
        return producer;
    }

    private async Task<ProducerIdAndEpoch> CommitAsync(SimulatedBroker broker, string transactionalId)
    {
        ProducerIdAndEpoch producer = await WriteAsync(broker, transactionalId);
        Task<ProducerResult> ended = broker.Coordinator.EndAsync(transactionalId, producer, isCommit: true, TransactionVersion.Classic).AsTask();
        await FlushUntilAsync(ended);
        Assert.Equal(ErrorCode.None, (await ended).Error);
        return producer;
    }

    private async Task FlushUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _disk.FlushAll();
            await PumpContext.SettleAsync();
        }

        await task;
    }

    private static TransactionMetadata Describe(SimulatedBroker broker, string transactionalId)
    {
        Assert.Equal(ErrorCode.None, broker.Coordinator.Describe(transactionalId, out TransactionMetadata? metadata));
        return metadata!;
    }
}
