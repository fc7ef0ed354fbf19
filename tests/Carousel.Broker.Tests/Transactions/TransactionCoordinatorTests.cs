using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>What clients are told, and when.</summary>
public sealed class TransactionCoordinatorTests
{
    private readonly HandFlushedBroker _world = new();

    [Fact]
    public void A_producer_gets_its_epoch_once_it_is_on_disk() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        Task<ProducerResult> initialized = broker.Coordinator.InitializeAsync("stage", 60_000, expected: null).AsTask();
        Assert.False(initialized.IsCompleted);
        _world.Disk.FlushAll();
        Assert.Equal(new ProducerIdAndEpoch(0, 0), (await initialized).Producer);
    });

    [Fact]
    public void Adding_partitions_waits_for_no_disk() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.InitializeAsync(broker, "stage");
        for (int partition = 0; partition < SimulatedBroker.PartitionCount; partition++)
        {
            ValueTask<ErrorCode> added = broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[partition].Name]);
            Assert.True(added.IsCompletedSuccessfully);
            Assert.Equal(ErrorCode.None, await added);
        }

        Assert.NotEmpty(_world.Disk.Dirty);
    });

    [Fact]
    public void A_commit_is_answered_once_every_marker_is_on_disk_and_seen() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.WriteAsync(broker, "stage");
        Task<ProducerResult> ended = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic).AsTask();
        Assert.All(broker.Partitions, partition => Assert.DoesNotContain(partition.Entries, entry => entry is Entry.Marker));

        _world.Disk.FlushAll();
        await PumpContext.SettleAsync();
        Assert.All(broker.Partitions, partition => Assert.IsType<Entry.Marker>(partition.Entries[^1]));
        Assert.False(ended.IsCompleted);

        _world.Disk.FlushAll();
        Assert.Equal(ErrorCode.None, (await ended).Error);
        Assert.All(broker.Partitions, partition => Assert.Equal([7], partition.Committed()));
    });

    [Fact]
    public void The_next_transaction_begins_once_the_end_of_the_last_one_is_on_disk() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.CommitAsync(broker, "stage");
        Task<ErrorCode> begun = broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[0].Name]).AsTask();
        Assert.False(begun.IsCompleted);
        _world.Disk.FlushAll();
        Assert.Equal(ErrorCode.None, await begun);
    });

    [Fact]
    public void Two_flushes_serve_the_ends_of_all_transactions() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        var producers = new Dictionary<string, ProducerIdAndEpoch>();
        for (int number = 0; number < 50; number++)
        {
            producers[$"stage-{number}"] = await _world.WriteAsync(broker, $"stage-{number}");
        }

        Task<ProducerResult>[] ended =
            [.. producers.Select(id => broker.Coordinator.EndAsync(id.Key, id.Value, isCommit: true, TransactionVersion.Classic).AsTask())];
        _world.Disk.FlushAll();
        await PumpContext.SettleAsync();
        Assert.All(ended, end => Assert.False(end.IsCompleted));
        _world.Disk.FlushAll();
        await PumpContext.SettleAsync();
        Assert.All(ended, end => Assert.True(end.IsCompletedSuccessfully));
    });

    [Fact]
    public void A_second_request_for_the_same_id_waits_for_the_first_instead_of_being_refused() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.WriteAsync(broker, "stage");
        Task<ProducerResult> ended = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic).AsTask();
        Task<ProducerResult> repeated = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.Classic).AsTask();
        Task<ErrorCode> begun = broker.Coordinator.AddPartitionsAsync("stage", producer, [broker.Partitions[0].Name]).AsTask();
        await _world.FlushUntilAsync(begun);
        Assert.Equal((ErrorCode.None, ErrorCode.None, ErrorCode.None), ((await ended).Error, (await repeated).Error, await begun));
        Assert.Equal(TransactionState.Ongoing, HandFlushedBroker.Describe(broker, "stage").State);
    });

    [Fact]
    public void Writing_adds_the_partition_only_once_in_the_new_protocol() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.InitializeAsync(broker, "stage");
        TopicPartition[] partition = [broker.Partitions[0].Name];
        Assert.Equal(ErrorCode.None, await broker.Coordinator.AddImplicitlyAsync("stage", producer, partition));
        int steps = _world.Disk.Steps;
        Assert.Equal(ErrorCode.None, await broker.Coordinator.AddImplicitlyAsync("stage", producer, partition));
        Assert.Equal(steps, _world.Disk.Steps);
        Assert.Equal(TransactionVersion.EpochBump, HandFlushedBroker.Describe(broker, "stage").ClientVersion);
    });

    [Fact]
    public void Every_end_raises_the_epoch_in_the_new_protocol_and_the_marker_has_it() => PumpContext.Run(async () =>
    {
        SimulatedBroker broker = await _world.StartAsync();
        ProducerIdAndEpoch producer = await _world.WriteAsync(broker, "stage");
        ProducerIdAndEpoch next = producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) };
        Task<ProducerResult> ended = broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.EpochBump).AsTask();
        await _world.FlushUntilAsync(ended);
        Assert.Equal(new ProducerResult(ErrorCode.None, next), await ended);
        Assert.All(broker.Partitions, partition => Assert.Equal(next, partition.Entries.OfType<Entry.Marker>().Single().Producer));
        Assert.Equal(new ProducerResult(ErrorCode.None, next), await broker.Coordinator.EndAsync("stage", producer, isCommit: true, TransactionVersion.EpochBump));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await broker.ProduceAsync(0, producer, 8));
    });
}
