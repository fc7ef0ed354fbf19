using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class RebalanceTests
{
    [Fact]
    public void What_is_in_flight_when_a_partition_is_revoked_is_finished_and_committed_first()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.AppendMany(20, i => $"key-{i}");
        var calls = new List<string>();
        async Task<Outcome> Handle(Delivery delivery)
        {
            calls.Add(Text(delivery.Record));
            await Task.Delay(TimeSpan.FromSeconds(1), sim.Scheduler.Time);
            return To("out", delivery.Record);
        }

        RunningStage first = sim.Start(Handle, slot: "0");
        sim.RunUntil("all are in flight", () => calls.Count == 20, first);
        RunningStage second = sim.Start(Handle, slot: "1");
        sim.RunUntilConsumed();
        Assert.Equal(20, calls.Distinct().Count());
        Assert.Equal(20, calls.Count);
        Assert.Equal(20, sim.Read("out").Count);
        sim.Stop(second);
        sim.Stop(first);
    }

    [Fact]
    public void Results_that_miss_the_budget_are_written_by_the_new_owner_alone()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.Options.RevokeDrainMax = TimeSpan.FromSeconds(1);
        sim.AppendMany(20, i => $"key-{i}");
        int started = 0;
        RunningStage first = sim.Start(async delivery =>
        {
            started++;
            await Task.Delay(TimeSpan.FromSeconds(3), sim.Scheduler.Time);
            return To("out", delivery.Record, "old-");
        });
        sim.RunUntil("all are in flight", () => started == 20, first);
        RunningStage second = sim.Start(delivery => Task.FromResult(To("out", delivery.Record, "new-")), slot: "1");
        sim.RunUntilConsumed();
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(10, sim.Read("out").Count(text => text.StartsWith("old-", StringComparison.Ordinal)));
        Assert.Equal(10, sim.Read("out").Count(text => text.StartsWith("new-", StringComparison.Ordinal)));
        Assert.Equal(20, sim.Read("out").Select(text => text[4..]).Distinct().Count());
        sim.Stop(second);
        sim.Stop(first);
    }

    /// <summary>The transaction was filled before the partition went, and meets the log only when another owns it.</summary>
    [Theory]
    [InlineData(LogOperation.Begin)]
    [InlineData(LogOperation.Flush)]
    [InlineData(LogOperation.SendOffsets)]
    [InlineData(LogOperation.Commit)]
    public void A_transaction_that_is_held_up_over_a_rebalance_is_never_written_twice(LogOperation heldUp)
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.AppendMany(20, i => $"key-{i}");
        bool held = false;
        sim.Port = new InterceptedLog(sim.Log, new Observing(before: operation =>
        {
            if (operation != heldUp || held)
            {
                return Task.CompletedTask;
            }

            held = true;
            return Task.Delay(TimeSpan.FromSeconds(5), sim.Scheduler.Time);
        }));
        RunningStage first = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntil("the transaction is held up", () => held, first);
        sim.Port = sim.Log;
        RunningStage second = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)), slot: "1");
        sim.RunUntilConsumed();
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(Enumerable.Range(0, 20), sim.Read("out").Select(int.Parse).Order());
        sim.Stop(second);
        sim.Stop(first);
    }

    [Fact]
    public void Results_of_an_assignment_that_is_over_never_come_out_after_the_partition_came_back()
    {
        var sim = new SimulatedStage();
        var cancelled = new List<bool>();
        var gate = new TaskCompletionSource();
        sim.Append("a", "1");
        RunningStage stage = sim.Start(async (delivery, cancellationToken) =>
        {
            cancelled.Add(false);
            int call = cancelled.Count;
            if (call == 1)
            {
                await gate.Task;
                cancelled[0] = cancellationToken.IsCancellationRequested;
            }

            return To("out", delivery.Record, $"call-{call}-");
        });
        sim.RunUntil("the handler runs", () => cancelled.Count == 1, stage);
        sim.Log.ExpelMember(Group, 0);
        sim.RunUntilConsumed(stage);
        gate.SetResult();
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(["call-2-1"], sim.Read("out"));
        Assert.Equal([true, false], cancelled);
        sim.Stop(stage);
    }

    [Fact]
    public void Lost_partitions_are_given_up_at_once()
    {
        var sim = new SimulatedStage(partitionCount: 4);
        sim.AppendMany(400, i => $"key-{i}");
        async Task<Outcome> Handle(Delivery delivery)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(sim.Scheduler.Random.Next(200)), sim.Scheduler.Time);
            return To("out", delivery.Record);
        }

        RunningStage first = sim.Start(Handle, slot: "0");
        RunningStage second = sim.Start(Handle, slot: "1");
        for (int i = 0; i < 20; i++)
        {
            sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(60));
            sim.Log.ExpelMember(Group, sim.Scheduler.Random.Next(sim.Log.MemberCount(Group)));
        }

        sim.RunUntilConsumed();
        Assert.Equal(Enumerable.Range(0, 400), sim.Read("out").Select(int.Parse).Order());
        sim.Stop(second);
        sim.Stop(first);
    }

    [Fact]
    public void A_stage_that_stops_finishes_what_runs_and_leaves_the_rest()
    {
        var sim = new SimulatedStage();
        sim.Append("a", "1");
        sim.Append("a", "2");
        sim.Append("b", "3");
        int started = 0;
        async Task<Outcome> Handle(Delivery delivery)
        {
            started++;
            await Task.Delay(TimeSpan.FromSeconds(3), sim.Scheduler.Time);
            return To("out", delivery.Record);
        }

        RunningStage stage = sim.Start(Handle);
        sim.RunUntil("1 and 3 run", () => started == 2, stage);
        sim.Stop(stage);
        Assert.Equal(["1", "3"], sim.Read("out").Order());
        Assert.Equal(1, sim.Log.CommittedOffset(Group, In(0)));
        Assert.Equal(0, sim.Log.MemberCount(Group));
        RunningStage next = sim.Start(Handle);
        sim.RunUntilConsumed(next);
        Assert.Equal(["1", "2", "3"], sim.Read("out").Order());
        Assert.Equal(3, started);
        sim.Stop(next);
    }

    [Fact]
    public void A_static_member_that_restarts_disturbs_nobody_and_repeats_nothing()
    {
        var sim = new SimulatedStage(partitionCount: 4);
        sim.Options.StaticMembership = true;
        int handled = 0;
        async Task<Outcome> Handle(Delivery delivery)
        {
            handled++;
            await Task.Delay(TimeSpan.FromMilliseconds(sim.Scheduler.Random.Next(300)), sim.Scheduler.Time);
            return To("out", delivery.Record);
        }

        RunningStage first = sim.Start(Handle, slot: "0");
        RunningStage second = sim.Start(Handle, slot: "1");
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(1));
        int generation = sim.Log.Generation(Group);
        for (int i = 0; i < 5; i++)
        {
            sim.AppendMany(100, number => $"key-{number}");
            sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(400));
            sim.Stop(second);
            second = sim.Start(Handle, slot: "1");
            sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(400));
        }

        Assert.Equal(generation, sim.Log.Generation(Group));
        sim.RunUntilConsumed();
        Assert.Equal(500, sim.Read("out").Count);
        Assert.Equal(500, handled);
        Assert.False(first.Task.IsCompleted);
        Assert.False(second.Task.IsCompleted);
    }

    [Fact]
    public void A_stage_that_stops_waits_no_longer_than_its_budget()
    {
        var sim = new SimulatedStage();
        sim.Options.ShutdownDrainMax = TimeSpan.FromSeconds(4);
        sim.Append("a", "1");
        bool started = false;
        RunningStage stage = sim.Start(async (_, cancellationToken) =>
        {
            started = true;
            await Task.Delay(TimeSpan.FromMinutes(3), sim.Scheduler.Time, cancellationToken);
            return Outcome.Nothing;
        });
        sim.RunUntil("the handler runs", () => started, stage);
        TimeSpan before = sim.Scheduler.Time.Elapsed;
        sim.Stop(stage);
        Assert.InRange(sim.Scheduler.Time.Elapsed - before, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(7));
        Assert.Null(sim.Log.CommittedOffset(Group, In(0)));
    }
}
