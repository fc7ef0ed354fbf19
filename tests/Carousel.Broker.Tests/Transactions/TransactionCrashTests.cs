using Carousel.Broker.Tests.Transactions.Simulation;
using Carousel.Broker.Transactions;
using Carousel.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit.Sdk;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>
/// A producer's life of three transactions, ended after every single step: each append to a log and each flush of one. What comes up again finishes or aborts
/// all of it, and goes on.
/// </summary>
public sealed class TransactionCrashTests
{
    private const int PowerFailures = 20;

    [Theory]
    [InlineData(TransactionVersion.Classic)]
    [InlineData(TransactionVersion.EpochBump)]
    internal void A_crash_after_any_step_leaves_every_transaction_whole(TransactionVersion version)
    {
        int last = Run(version, lastStep: null, isPowerFailure: false, new Random(0));
        Assert.True(last > 30, $"the producer's life took {last} steps");
        for (int step = 0; step <= last; step++)
        {
            RunNamed(version, step, isPowerFailure: false, seed: 0);
            for (int seed = 0; seed < PowerFailures; seed++)
            {
                RunNamed(version, step, isPowerFailure: true, seed);
            }
        }
    }

    private static void RunNamed(TransactionVersion version, int step, bool isPowerFailure, int seed)
    {
        try
        {
            Run(version, step, isPowerFailure, new Random(seed));
        }
        catch (Exception e)
        {
            throw new XunitException($"{version}, {(isPowerFailure ? "power failure" : "kill")} after step {step}, seed {seed}: {e.Message}", e);
        }
    }

    /// <returns>How many steps there were before the crash.</returns>
    private static int Run(TransactionVersion version, int? lastStep, bool isPowerFailure, Random random)
    {
        var oracle = new Oracle();
        int steps = 0;
        PumpContext.Run(pump =>
        {
            var disk = new SimulatedDisk { LastStep = lastStep, FlushesWhenAwaited = true };
            SimulatedBroker broker = SimulatedBroker.New(disk, new FakeTimeProvider());
            broker.OpenAsync().GetAwaiter().GetResult();
            Task life = LiveAsync(broker, version, oracle);
            pump.Drain();
            Assert.True(life.IsCompleted || disk.IsDead);
            (steps, disk.LastStep) = (disk.Steps, disk.Steps);

            SimulatedBroker again = broker.AfterCrash(new SimulatedDisk { FlushesWhenAwaited = true }, isPowerFailure, random);
            again.OpenAsync().GetAwaiter().GetResult();
            Task more = LiveAsync(again, version, oracle);
            pump.Drain();
            more.GetAwaiter().GetResult();
            Assert.True(oracle.Count(Outcome.Committed) >= 2);
            oracle.AssertAllOrNothing(again);
        });
        return steps;
    }

    private static async Task LiveAsync(SimulatedBroker broker, TransactionVersion version, Oracle oracle)
    {
        ProducerResult result = await broker.Coordinator.InitializeAsync("stage", 60_000, expected: null);
        if (result.Error == ErrorCode.None)
        {
            oracle.Given(result.Producer);
            await TransactAsync(broker, result.Producer, version, oracle.Begin(), isCommit: true, 0, 1, 2);
            ProducerIdAndEpoch second = version == TransactionVersion.EpochBump ? Next(result.Producer) : result.Producer;
            await TransactAsync(broker, second, version, oracle.Begin(), isCommit: false, 0, 1);
            ProducerIdAndEpoch third = version == TransactionVersion.EpochBump ? Next(second) : second;
            await TransactAsync(broker, third, version, oracle.Begin(), isCommit: true, 1, 2);
        }
    }

    private static ProducerIdAndEpoch Next(ProducerIdAndEpoch producer) => producer with { ProducerEpoch = (short)(producer.ProducerEpoch + 1) };

    private static async Task TransactAsync(
        SimulatedBroker broker, ProducerIdAndEpoch producer, TransactionVersion version, SimulatedTransaction transaction, bool isCommit, params int[] partitions)
    {
        foreach (int partition in partitions)
        {
            TopicPartition[] added = [broker.Partitions[partition].Name];
            ErrorCode error = version == TransactionVersion.Classic
                ? await broker.Coordinator.AddPartitionsAsync("stage", producer, added)
                : await broker.Coordinator.AddImplicitlyAsync("stage", producer, added);
            if (error != ErrorCode.None || await broker.ProduceAsync(partition, producer, transaction.Number) != ErrorCode.None)
            {
                return;
            }

            transaction.Acknowledged.Add(partition);
        }

        if ((await broker.Coordinator.EndAsync("stage", producer, isCommit, version)).Error == ErrorCode.None)
        {
            transaction.Outcome = isCommit ? Outcome.Committed : Outcome.Aborted;
        }
    }
}
