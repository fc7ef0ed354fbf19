using System.Diagnostics;
using System.Text;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class LaneTests
{
    [Fact]
    public void Five_thousand_keys_are_in_flight_at_once()
    {
        var sim = new SimulatedStage(partitionCount: 4);
        sim.AppendMany(5_000, i => $"key-{i}");
        var gate = new TaskCompletionSource();
        int started = 0;
        RunningStage stage = sim.Start(async delivery =>
        {
            started++;
            await gate.Task;
            return To("out", delivery.Record);
        });
        sim.RunUntil("5,000 handlers have started", () => started == 5_000, stage);
        Assert.Empty(sim.Read("out"));
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(5_000, sim.Read("out").Distinct().Count());
        sim.Stop(stage);
    }

    [Fact]
    public void Records_of_one_key_run_one_after_another_in_order()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(300, i => $"key-{i % 7}");
        var running = new HashSet<string>();
        RunningStage stage = sim.Start(async delivery =>
        {
            string key = Encoding.UTF8.GetString(delivery.Record.Key!);
            Assert.True(running.Add(key), $"Two records of {key} ran at once.");
            await Task.Delay(TimeSpan.FromMilliseconds(sim.Scheduler.Random.Next(50)), sim.Scheduler.Time);
            running.Remove(key);
            return To("out", delivery.Record);
        });
        sim.RunUntilConsumed(stage);
        Assert.Equal(300, sim.Read("out").Count);
        Assert.All(sim.Read("out").Select(int.Parse).GroupBy(i => i % 7), group => Assert.Equal(group.Order(), group));
        sim.Stop(stage);
    }

    [Fact]
    public void Records_without_a_key_run_all_at_once()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(100, _ => null);
        var gate = new TaskCompletionSource();
        int started = 0;
        RunningStage stage = sim.Start(async delivery =>
        {
            started++;
            await gate.Task;
            return To("out", delivery.Record);
        });
        sim.RunUntil("all have started", () => started == 100, stage);
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        sim.Stop(stage);
    }

    [Fact]
    public void The_committed_offset_never_passes_an_unfinished_record()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(10, i => $"key-{i}");
        var gate = new TaskCompletionSource();
        int ended = 0;
        RunningStage stage = sim.Start(async delivery =>
        {
            if (delivery.Record.Offset == 4)
            {
                await gate.Task;
            }

            ended++;
            return To("out", delivery.Record);
        });
        sim.RunUntil("all others have ended", () => ended == 9, stage);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(4, sim.Log.CommittedOffset(Group, In(0)));
        Assert.Equal(["0", "1", "2", "3", "5", "6", "7", "8", "9"], sim.Read("out").Order());
        Assert.Equal("5..9", Assert.Single(sim.CommittedProgress()!.Done).ToString());
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(10, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void A_retry_holds_up_its_own_key_alone_and_keeps_its_place()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.Append("slow", "slow-1", partition: 0);
        sim.Append("slow", "slow-2", partition: 0);
        sim.Append("other", "other", partition: 0);
        sim.Append("third", "third", partition: 1);
        var ended = new List<string>();
        RunningStage stage = sim.Start(delivery =>
        {
            if (Text(delivery.Record) == "slow-1" && delivery.Attempt < 4)
            {
                return Task.FromResult<Outcome>(new Outcome.Retry("busy", "", null, TimeSpan.FromSeconds(1)));
            }

            ended.Add($"{Text(delivery.Record)} at {sim.Scheduler.Time.Elapsed.TotalSeconds:0}");
            return Task.FromResult(To("out", delivery.Record));
        });
        sim.RunUntilConsumed(stage);
        Assert.Equal(["slow-1 at 3", "slow-2 at 3"], ended[2..]);
        Assert.Equal(["other at 0", "third at 0"], ended[..2].Order());
        sim.Stop(stage);
    }

    [Fact]
    public void Retries_end_after_the_attempts_allowed()
    {
        var sim = new SimulatedStage();
        sim.Options.Retry.AttemptsMax = 3;
        sim.Append("a", "hopeless");
        sim.Append("a", "fine");
        var attempts = new List<(int, bool)>();
        RunningStage stage = sim.Start(delivery =>
        {
            if (Text(delivery.Record) == "fine")
            {
                return Task.FromResult(To("out", delivery.Record));
            }

            attempts.Add((delivery.Attempt, delivery.IsLastAttempt));
            return Task.FromResult<Outcome>(new Outcome.Retry("busy", "", null));
        });
        sim.RunUntilConsumed(stage);
        Assert.Equal([(1, false), (2, false), (3, true)], attempts);
        Assert.Equal(["Exhausted busy 3 hopeless"], sim.Read("dlq"));
        Assert.Equal(["fine"], sim.Read("out"));
        sim.Stop(stage);
    }

    [Fact]
    public void Retries_end_after_the_time_allowed()
    {
        var sim = new SimulatedStage();
        sim.Options.Retry.AgeMax = TimeSpan.FromMinutes(1);
        sim.Options.Retry.AttemptsMax = 1_000;
        sim.Append("a", "hopeless");
        RunningStage stage = sim.Start(_ => Task.FromResult<Outcome>(new Outcome.Retry("busy", "", null, TimeSpan.FromSeconds(25))));
        sim.RunUntilConsumed(stage);
        Assert.Equal(["Exhausted busy 4 hopeless"], sim.Read("dlq"));
        sim.Stop(stage);
    }

    [Fact]
    public void The_time_that_a_dependency_is_away_does_not_count()
    {
        var sim = new SimulatedStage();
        sim.Options.Retry.AgeMax = TimeSpan.FromMinutes(1);
        sim.Append("a", "patient");
        RunningStage stage = sim.Start(delivery => Task.FromResult(delivery switch
        {
            { Attempt: 1 } => new Outcome.Retry("busy", "", null),
            _ when sim.Scheduler.Time.Elapsed < TimeSpan.FromMinutes(4) => new Outcome.Unavailable("payments", "refused"),
            { Attempt: 2 } => new Outcome.Retry("busy", "", null),
            _ => To("out", delivery.Record),
        }));
        sim.RunUntilConsumed(stage);
        Assert.Equal(["patient"], sim.Read("out"));
        Assert.Empty(sim.Read("dlq"));
        sim.Stop(stage);
    }

    [Fact]
    public void A_handlers_exception_halts_the_stage_and_its_record_stays()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(3, i => $"key-{i}");
        RunningStage stage = sim.Start(delivery => delivery.Record.Offset == 1
            ? throw new InvalidOperationException("broken")
            : Task.FromResult(To("out", delivery.Record)));
        sim.Scheduler.RunUntil("the stage has ended", () => stage.Task.IsCompleted);
        Assert.Equal("broken", Assert.Throws<InvalidOperationException>(() => stage.Task.GetAwaiter().GetResult()).Message);
        Assert.True((sim.Log.CommittedOffset(Group, In(0)) ?? 0) <= 1);
        Assert.DoesNotContain("1", sim.Read("out"));
        Assert.Equal(0, sim.Log.MemberCount(Group));
    }

    [Fact]
    public void A_stage_that_halts_waits_for_the_handlers_that_still_run()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(2, i => $"key-{i}");
        bool ended = false;
        RunningStage stage = sim.Start(async delivery =>
        {
            if (delivery.Record.Offset == 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), sim.Scheduler.Time);
                throw new InvalidOperationException("broken");
            }

            // It doesn't look at its token.
            await Task.Delay(TimeSpan.FromSeconds(5), sim.Scheduler.Time);
            ended = true;
            return Outcome.Nothing;
        });
        sim.Scheduler.RunUntil("the stage has ended", () => stage.Task.IsCompleted);
        Assert.True(stage.Task.IsFaulted);
        Assert.True(ended);
    }

    [Fact]
    public void A_handler_without_an_outcome_halts_the_stage()
    {
        var sim = new SimulatedStage();
        sim.Append("a", "1");
        RunningStage stage = sim.Start(_ => Task.FromResult<Outcome>(null!));
        sim.Scheduler.RunUntil("the stage has ended", () => stage.Task.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => stage.Task.GetAwaiter().GetResult());
    }

    [Fact]
    public void A_dead_letter_waits_for_what_is_needed_to_write_it()
    {
        var sim = new SimulatedStage { DeadLetters = new TextDeadLetters { Failures = 3 } };
        sim.Append("a", "bad");
        RunningStage stage = sim.Start(_ => Task.FromResult<Outcome>(new Outcome.DeadLettered(DeadLetterKind.Rejection, "declined", "", null)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(["Rejection declined 1 bad"], sim.Read("dlq"));
        sim.Stop(stage);
    }

    [Fact]
    public void The_trace_goes_on_in_the_outputs()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var sim = new SimulatedStage();
        sim.Log.Append("in", [1], [1], new RecordHeader("traceparent", Encoding.ASCII.GetBytes(Parent)), new RecordHeader("tracestate", [97]));
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        SourceRecord plain = sim.Log.ReadCommitted("out")[0];
        Assert.Equal(Parent, Encoding.ASCII.GetString(plain.HeaderValue("traceparent")!));
        Assert.Equal([97], plain.HeaderValue("tracestate")!);

        string? span = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Stage.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => span = activity.ParentSpanId.ToHexString() == "b7ad6b7169203331" ? activity.Id : span,
        };
        ActivitySource.AddActivityListener(listener);
        sim.Log.Append("in", [1], [2], new RecordHeader("traceparent", Encoding.ASCII.GetBytes(Parent)));
        sim.RunUntilConsumed(stage);
        Assert.NotNull(span);
        Assert.Equal(span, Encoding.ASCII.GetString(sim.Log.ReadCommitted("out")[1].HeaderValue("traceparent")!));
        sim.Stop(stage);
    }
}
