using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class WindowTests
{
    [Fact]
    public void A_full_window_stops_intake_and_goes_on_when_there_is_room()
    {
        const int PolledAtOnceMax = 1_000;
        var sim = new SimulatedStage(partitionCount: 3);
        sim.Options.WindowRecordsMax = 500;
        sim.AppendMany(10_000, i => $"key-{i}");
        var gate = new TaskCompletionSource();
        int started = 0;
        RunningStage stage = sim.Start(async delivery =>
        {
            started++;
            await gate.Task;
            return To("out", delivery.Record);
        });
        sim.Scheduler.RunFor(TimeSpan.FromMinutes(2));
        Assert.InRange(started, 500, 500 + PolledAtOnceMax);
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(10_000, sim.Read("out").Distinct().Count());
        sim.Stop(stage);
    }

    [Fact]
    public void Partitions_that_come_while_the_window_is_full_wait_as_well()
    {
        var sim = new SimulatedStage(partitionCount: 4);
        sim.Options.WindowRecordsMax = 10;
        var gate = new TaskCompletionSource();
        int started = 0;
        RunningStage first = sim.Start(async delivery =>
        {
            started++;
            await gate.Task;
            return To("out", delivery.Record);
        });
        RunningStage second = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)), slot: "1");
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(2));
        sim.AppendMany(400, i => $"key-{i}");
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(200, started);
        sim.Stop(second);
        sim.AppendMany(400, i => $"late-{i}");
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));

        // One poll may come before the new partitions are paused too.
        Assert.InRange(started, 200, 400);
        gate.SetResult();
        sim.RunUntilConsumed(first);
        Assert.Equal(800, sim.Read("out").Count);
        sim.Stop(first);
    }

    [Fact]
    public void A_record_larger_than_the_window_passes()
    {
        var sim = new SimulatedStage();
        sim.Options.WindowBytesMax = 100;
        sim.Append("a", new string('x', 5_000));
        sim.Append("b", "small");
        sim.Append("c", new string('y', 5_000));
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(3, sim.Read("out").Count);
        sim.Stop(stage);
    }
}
