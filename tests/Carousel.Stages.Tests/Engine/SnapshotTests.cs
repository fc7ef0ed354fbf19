using System.Diagnostics.Metrics;
using System.Text;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class SnapshotTests
{
    [Fact]
    public void A_snapshot_says_where_each_record_is_and_which_one_holds_up_its_partition()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        var commits = new TaskCompletionSource();
        sim.Port = new InterceptedLog(sim.Log, new Observing(before: operation => operation == LogOperation.Begin ? commits.Task : Task.CompletedTask));
        sim.Append("waiting", "retry");
        sim.Append("waiting", "behind-1");
        sim.Append("waiting", "behind-2");
        sim.Append("flying", "flight");
        sim.Append("done", "done");
        sim.Append("done", "done-too", partition: 1);
        var gate = new TaskCompletionSource();
        RunningStage stage = sim.Start(async delivery =>
        {
            switch (Text(delivery.Record))
            {
                case "retry" when delivery.Attempt == 1:
                    return new Outcome.Retry("busy", "", null, TimeSpan.FromSeconds(60));
                case "flight":
                    await gate.Task;
                    break;
            }

            return To("out", delivery.Record);
        });
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(20));
        StageSnapshot snapshot = stage.Stage.Snapshot()!;
        Assert.Equal([2, 1, 1, 2], new[] { RecordState.Queued, RecordState.InFlight, RecordState.WaitingForRetry, RecordState.Finished }.Select(state => snapshot.Of(state).Count));
        Assert.Equal(6, snapshot.WindowRecords);
        Assert.InRange(snapshot.Of(RecordState.InFlight).OldestSeconds, 19, 20);
        PartitionSnapshot partition = snapshot.Partitions.Single(partition => partition.Partition == In(0));
        HeldUpBy head = partition.HeldUpBy!;
        Assert.Equal((0L, 5L), (partition.FirstUnfinishedOffset, partition.NextOffset));
        Assert.Equal(("waiting", 0L, RecordState.WaitingForRetry, 1), (Encoding.UTF8.GetString(head.Key!), head.Offset, head.State, head.Attempts));
        Assert.InRange(head.Seconds, 19, 20);
        Assert.InRange(head.RetryInSeconds!.Value, 40, 41);

        commits.SetResult();
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        snapshot = stage.Stage.Snapshot()!;
        Assert.Equal(0, snapshot.WindowRecords);
        Assert.All(snapshot.Partitions, state => Assert.Null(state.HeldUpBy));
        sim.Stop(stage);
        Assert.Null(stage.Stage.Snapshot());
    }

    [Fact]
    public void Metrics_tell_the_same()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(3, _ => "key");
        RunningStage stage = sim.Start(_ => new TaskCompletionSource<Outcome>().Task);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));
        var records = new Dictionary<string, long>();
        var seconds = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (sim.Meters.Owns(instrument.Meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.Name == "carousel.stage.records")
            {
                records[(string)tags[1].Value!] = value;
            }
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seconds[instrument.Name] = Math.Max(value, seconds.GetValueOrDefault(instrument.Name)));
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal((2, 1, 0, 0), (records["queued"], records["in_flight"], records["waiting_for_retry"], records["finished"]));
        Assert.InRange(seconds["carousel.stage.oldest"], 9, 10);
        Assert.InRange(seconds["carousel.stage.partition.held_up"], 9, 10);
        Assert.False(stage.Task.IsCompleted);
    }

    [Fact]
    public void What_everything_waits_for_is_named()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(3, i => $"key-{i}");
        RunningStage stage = sim.Start(_ => Task.FromResult<Outcome>(new Outcome.Unavailable("payments", "refused")));
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal("payments", stage.Stage.Snapshot()!.UnavailableDependency);
        Assert.Equal(3, stage.Stage.Snapshot()!.Of(RecordState.Queued).Count + stage.Stage.Snapshot()!.Of(RecordState.InFlight).Count);
        sim.Stop(stage);
    }
}
