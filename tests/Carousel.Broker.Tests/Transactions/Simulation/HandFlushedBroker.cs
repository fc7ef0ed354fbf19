using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>A broker whose disk is flushed by the test alone.</summary>
internal sealed class HandFlushedBroker
{
    public SimulatedDisk Disk { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public async Task<SimulatedBroker> StartAsync()
    {
        SimulatedBroker broker = SimulatedBroker.New(Disk, Time);
        await broker.OpenAsync();
        return broker;
    }

    public async Task<ProducerIdAndEpoch> InitializeAsync(SimulatedBroker broker, string transactionalId, ProducerIdAndEpoch? expected = null)
    {
        Task<ProducerResult> initialized = broker.Coordinator.InitializeAsync(transactionalId, 60_000, expected).AsTask();
        await FlushUntilAsync(initialized);
        Assert.Equal(ErrorCode.None, (await initialized).Error);
        return (await initialized).Producer;
    }

    /// <summary>A producer with record 7 in every partition.</summary>
    public async Task<ProducerIdAndEpoch> WriteAsync(SimulatedBroker broker, string transactionalId)
    {
        ProducerIdAndEpoch producer = await InitializeAsync(broker, transactionalId);
        Assert.Equal(
            ErrorCode.None,
            await broker.Coordinator.AddPartitionsAsync(transactionalId, producer, [.. broker.Partitions.Select(partition => partition.Name)]));
        Task<ErrorCode[]> written = Task.WhenAll(
            Enumerable.Range(0, SimulatedBroker.PartitionCount).Select(partition => broker.ProduceAsync(partition, producer, 7).AsTask()));
        await FlushUntilAsync(written);
        Assert.All(await written, error => Assert.Equal(ErrorCode.None, error));
        return producer;
    }

    public async Task<ProducerIdAndEpoch> CommitAsync(SimulatedBroker broker, string transactionalId)
    {
        ProducerIdAndEpoch producer = await WriteAsync(broker, transactionalId);
        Task<ProducerResult> ended = broker.Coordinator.EndAsync(transactionalId, producer, isCommit: true, TransactionVersion.Classic).AsTask();
        await FlushUntilAsync(ended);
        Assert.Equal(ErrorCode.None, (await ended).Error);
        return producer;
    }

    public async Task FlushUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            Disk.FlushAll();
            await PumpContext.SettleAsync();
        }

        await task;
    }

    public static TransactionMetadata Describe(SimulatedBroker broker, string transactionalId)
    {
        Assert.Equal(ErrorCode.None, broker.Coordinator.Describe(transactionalId, out TransactionMetadata? metadata));
        return metadata!;
    }
}
