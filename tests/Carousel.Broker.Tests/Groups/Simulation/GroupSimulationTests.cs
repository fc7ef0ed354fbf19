using Carousel.Broker.Groups;

namespace Carousel.Broker.Tests.Groups.Simulation;

/// <summary>
/// Consumers that join, leave, die and come back, static and dynamic; transactions; a clock that leaps; a disk that is late or full; a broker that loses power:
/// whatever the order, the oracle agrees, and once things calm down the group is whole.
/// </summary>
public sealed class GroupSimulationTests
{
    private const int Steps = 2000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_generation_is_shared_out_twice_and_no_offset_goes_back(int seed)
    {
        var random = new Random(seed);
        var thread = new SingleThread();
        var oracle = new GroupOracle();
        using var world = new GroupWorld();
        SimulatedConsumer[] consumers =
            [.. Enumerable.Range(0, 6).Select(number => new SimulatedConsumer(world, oracle, random, number < 2 ? $"instance-{number}" : null, 1000 + number))];

        // A group that has never committed anything may be forgotten, and begin with generation 1 again.
        thread.Run(() => _ = world.CommitAsync(GroupWorld.Caller(), GroupWorld.Offset(0, partition: 99)));
        try
        {
            for (int step = 0; step < Steps; step++)
            {
                thread.Run(() => Disturb(world, consumers, random));
                thread.Run(() => consumers[random.Next(consumers.Length)].Step(mayBegin: true));
            }

            Calm(world, thread, consumers);
            oracle.Settled(Settle(world, thread, consumers), SimulatedConsumer.Partitions);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed} fails: {e.Message}", e);
        }

        Assert.True(oracle.GenerationsSeen > 5, $"Seed {seed} saw only {oracle.GenerationsSeen} generations.");
        Assert.True(oracle.CommitsSeen > 10, $"Seed {seed} saw only {oracle.CommitsSeen} commits.");
    }

    private static void Disturb(GroupWorld world, SimulatedConsumer[] consumers, Random random)
    {
        SimulatedConsumer consumer = consumers[random.Next(consumers.Length)];
        switch (random.Next(1000))
        {
            case < 8:
                consumer.Die();
                break;
            case < 16:
                consumer.Leave();
                break;
            case < 40:
                consumer.Revive();
                break;
            case < 60:
                consumer.Disconnect();
                break;
            case < 300:
                world.Pass(TimeSpan.FromMilliseconds(random.Next(2000)));
                break;
            case < 310:
                world.Pass(TimeSpan.FromSeconds(random.Next(60)));
                break;
            case < 320:
                world.Log.HoldsFlush = true;
                break;
            case < 400:
                Flush(world);
                break;
            case < 403:
                world.Log.Refusal = Wire.ErrorCode.KafkaStorageError;
                break;
            case < 420:
                world.Log.Refusal = Wire.ErrorCode.None;
                break;
            case < 430:
                Crash(world, consumers);
                break;
        }
    }

    private static void Flush(GroupWorld world)
    {
        world.Log.HoldsFlush = false;
        world.Log.Flush();
    }

    /// <summary>The transactions that are open are aborted after a restart, as their coordinator would.</summary>
    private static void Crash(GroupWorld world, SimulatedConsumer[] consumers)
    {
        world.Crash();
        foreach (SimulatedConsumer consumer in consumers)
        {
            consumer.Disconnect();
            consumer.EndTransaction(isCommit: false);
        }
    }

    /// <summary>Everybody is there and nothing gets in the way.</summary>
    private static void Calm(GroupWorld world, SingleThread thread, SimulatedConsumer[] consumers) => thread.Run(() =>
    {
        world.Log.Refusal = Wire.ErrorCode.None;
        Flush(world);
        foreach (SimulatedConsumer consumer in consumers)
        {
            consumer.Revive();
        }
    });

    /// <summary>Lets the consumers go on until all are in one generation. Returns it.</summary>
    private static int Settle(GroupWorld world, SingleThread thread, SimulatedConsumer[] consumers)
    {
        const int RoundsMax = 400;
        for (int round = 0; round < RoundsMax; round++)
        {
            foreach (SimulatedConsumer consumer in consumers)
            {
                thread.Run(() => consumer.Step(mayBegin: false));
            }

            thread.Run(() => world.Pass(TimeSpan.FromSeconds(1)));
            DescribedGroup? group = world.Coordinator.Describe(GroupWorld.GroupId);
            bool isWhole = group is { State: GroupState.Stable } && group.Members.Count == consumers.Length;
            if (isWhole && consumers.Select(consumer => consumer.StableIn).Distinct().Count() == 1 && consumers[0].StableIn is { } generation)
            {
                return generation;
            }
        }

        DescribedGroup? left = world.Coordinator.Describe(GroupWorld.GroupId);
        throw new InvalidOperationException(
            $"After {RoundsMax} rounds the group is {left?.State} with {left?.Members.Count} members; the consumers are stable in "
            + $"{string.Join(", ", consumers.Select(consumer => consumer.StableIn?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"))}.");
    }
}
