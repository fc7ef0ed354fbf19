using Carousel.Broker.Groups;
using Carousel.Broker.Hosting;
using Carousel.Broker.Hosting.Composition;
using Carousel.Broker.Partitions;
using Carousel.Broker.Tests.Log;
using Carousel.Broker.Tests.Partitions;
using Carousel.Broker.Topics;
using Carousel.Broker.Transactions;
using Carousel.Testing;
using Carousel.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit.Sdk;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>
/// Producers of both protocols against the whole core of the broker, on a disk that loses its power again and again, just before some flush: records and the
/// offsets committed with them are there together or not at all.
/// </summary>
public sealed class TransactionPowerLossTests
{
    private const int Seeds = 25;
    private const int LossesPerSeed = 3;
    private const int FlushesMax = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Records_and_offsets_of_a_transaction_survive_a_power_loss_together_or_not_at_all()
    {
        int ended = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            try
            {
                ended += await RunAsync(seed);
            }
            catch (Exception e)
            {
                throw new XunitException($"Seed {seed}: {e.Message}", e);
            }
        }

        Assert.True(ended > Seeds * LossesPerSeed, $"only {ended} transactions ended");
    }

    private static async Task<int> RunAsync(int seed)
    {
        var random = new Random(seed);
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(TestBatches.Time));
        PipelineProducer[] producers =
        [
            new("classic", TransactionVersion.Classic, new Random(seed)),
            new("other", TransactionVersion.Classic, new Random(seed + 1)),
            new("bumping", TransactionVersion.EpochBump, new Random(seed + 2)),
        ];
        var disk = new SimulatedFileSystem();
        await using (BrokerCore first = await OpenAsync(disk, time))
        {
            IReadOnlyList<TopicCreation> created = await first.Topics.CreateAsync(
                [NewTopic.WithDefaults(PipelineProducer.Topic) with { PartitionCount = PipelineProducer.PartitionCount }],
                validateOnly: false,
                CancellationToken.None);
            Assert.True(created.Single().IsSuccess, created.Single().Reason);
        }

        for (int loss = 0; loss < LossesPerSeed; loss++)
        {
            disk = await LivesUntilPowerLossAsync(disk.Kill(), time, producers, random);
            await using BrokerCore broker = await OpenAsync(disk, time);

            // Successors settle what was left.
            await Task.WhenAll(producers.Select(producer => producer.RunAsync(broker, () => true)));
            foreach (PipelineProducer producer in producers)
            {
                await AssertAllOrNothingAsync(broker, producer);
            }
        }

        return producers.Sum(producer => producer.Ended.Count);
    }

    /// <summary>Lets the producers work, until the power goes; returns the disk that is found then.</summary>
    private static async Task<SimulatedFileSystem> LivesUntilPowerLossAsync(
        SimulatedFileSystem disk, FakeTimeProvider time, PipelineProducer[] producers, Random random)
    {
        (int flushesLeft, int lossSeed) = (random.Next(1, FlushesMax), random.Next());
        SimulatedFileSystem? found = null;
        bool isOver = false;
        BrokerCore broker = await OpenAsync(disk, time);
        disk.OnSync = _ =>
        {
            if (Interlocked.Decrement(ref flushesLeft) == 0)
            {
                Volatile.Write(ref isOver, true);
                Volatile.Write(ref found, disk.PowerLoss(lossSeed));
            }
        };
        Task lives = Task.WhenAll(producers.Select(producer => Task.Run(() => producer.RunAsync(broker, () => Volatile.Read(ref isOver)))));
        await lives.WithinAsync("the producers have noticed that the power is gone", Patience, () => $"{Volatile.Read(ref flushesLeft)} flushes left");
        await broker.DisposeAsync();
        return Volatile.Read(ref found) ?? throw new InvalidOperationException("The producers stopped before the power was gone.");
    }

    private static async Task AssertAllOrNothingAsync(BrokerCore broker, PipelineProducer producer)
    {
        Partition[] partitions = [.. broker.Topics.Find(PipelineProducer.Topic)!.Partitions];
        Assert.All(partitions, partition => Assert.Equal(partition.LogEndOffset, partition.LastStableOffset));
        var seen = partitions.SelectMany(partition => partition.ReadValues(readCommitted: true)).ToLookup(record => record.Value);
        var written = partitions.SelectMany(partition => partition.ReadValues()).ToLookup(record => record.Value);
        foreach ((int number, int acknowledged) in producer.Acknowledged)
        {
            (int visible, int all) = (seen[producer.ValueOf(number)].Count(), written[producer.ValueOf(number)].Count());
            string outcome = producer.Ended.TryGetValue(number, out bool isCommit) ? isCommit ? "committed" : "aborted" : "unfinished";
            string what = $"{outcome} transaction {producer.ValueOf(number)}: {visible} of {all} records are seen, {acknowledged} were acknowledged";
            Assert.True(visible == 0 || visible == all, what);
            Assert.True(outcome != "aborted" || visible == 0, what);
            Assert.True(outcome != "committed" || visible == acknowledged, what);
            Assert.True(all >= acknowledged, what);
        }

        await AssertOffsetAsync(broker, producer, number => seen[producer.ValueOf(number)].Any());
    }

    private static async Task AssertOffsetAsync(BrokerCore broker, PipelineProducer producer, Func<int, bool> isSeen)
    {
        (ErrorCode error, IReadOnlyList<FetchedOffset> offsets) = await broker.Groups.FetchAsync(
            producer.Group, [new OffsetToFetch(PipelineProducer.Input, default)], requireStable: true);
        Assert.Equal((ErrorCode.None, ErrorCode.None), (error, offsets.Single().Error));
        long committed = offsets.Single().Committed?.Offset ?? 0;
        int lastCommitted = producer.Ended.Where(ended => ended.Value).Select(ended => ended.Key + 1).DefaultIfEmpty(0).Max();
        Assert.True(committed >= lastCommitted, $"offset {committed} is committed, and the commit of {lastCommitted} was answered");
        Assert.False(producer.Ended.TryGetValue((int)committed - 1, out bool isCommit) && !isCommit, $"offset {committed} comes from a transaction that was aborted");

        // The last of the transactions that are seen is the one whose offset counts, unless it wrote no record at all.
        int lastSeen = producer.Acknowledged.Keys.Where(isSeen).Select(number => number + 1).DefaultIfEmpty(0).Max();
        Assert.True(committed >= lastSeen, $"offset {committed} is committed, and the records of {lastSeen} are seen");
        Assert.True(
            committed == 0 || isSeen((int)committed - 1) || producer.Acknowledged[(int)committed - 1] == 0,
            $"offset {committed} is committed, and the records of its transaction aren't seen");
    }

    private static Task<BrokerCore> OpenAsync(SimulatedFileSystem disk, FakeTimeProvider time) =>
        BrokerCore.OpenAsync(new BrokerOptions { DataDirectory = TestBroker.Directory }, disk, NullLoggerFactory.Instance, time, CancellationToken.None);
}
