using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class CommitTests
{
    public static TheoryData<LogOperation, bool> Failures()
    {
        LogOperation[] operations = [LogOperation.OpenProducer, LogOperation.Begin, LogOperation.Send, LogOperation.Flush, LogOperation.SendOffsets, LogOperation.Commit];
        var data = new TheoryData<LogOperation, bool>();
        foreach (LogOperation operation in operations)
        {
            data.Add(operation, false);
            data.Add(operation, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_with_or_without_effect_leaves_each_output_once(LogOperation operation, bool applied)
    {
        var sim = new SimulatedStage(partitionCount: 2);
        var fault = new FailingOnce(operation, applied, times: 2);
        sim.Port = new InterceptedLog(sim.Log, fault);
        sim.AppendMany(100, i => $"key-{i % 9}");
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.True(fault.IsSpent);
        Assert.Equal(Enumerable.Range(0, 100), sim.Read("out").Select(int.Parse).Order());
        Assert.All(sim.Read("out").Select(int.Parse).GroupBy(i => (i % 2, i % 9)), group => Assert.Equal(group.Order(), group));
        sim.Stop(stage);
    }

    [Fact]
    public void Outputs_and_offsets_are_committed_together()
    {
        var sim = new SimulatedStage();
        sim.Options.TransactionRecordsMax = 7;
        sim.AppendMany(50, i => $"key-{i}");
        var violations = new List<string>();
        sim.Port = new InterceptedLog(sim.Log, new Observing(Check, Check));
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Empty(violations);
        sim.Stop(stage);

        Task Check(LogOperation operation)
        {
            if (sim.Read("out").Count != sim.FinishedCount())
            {
                violations.Add($"{operation}: {sim.Read("out").Count} outputs, {sim.FinishedCount()} finished");
            }

            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData(LogOperation.Commit, 60, 1)]
    [InlineData(LogOperation.Commit, 80, 4)]
    [InlineData(LogOperation.SendOffsets, 60, 1)]
    [InlineData(LogOperation.SendOffsets, 80, 4)]
    public void An_end_that_took_long_is_followed_by_a_fresh_producer(LogOperation slow, int milliseconds, int producers)
    {
        Assert.InRange(KafkaClientSettings.TornTransactionLimit, TimeSpan.FromMilliseconds(61), TimeSpan.FromMilliseconds(79));
        var sim = new SimulatedStage();
        sim.Options.TransactionRecordsMax = 1;
        int opened = 0;
        sim.Port = new InterceptedLog(sim.Log, new Observing(before: operation =>
        {
            opened += operation == LogOperation.OpenProducer ? 1 : 0;
            return operation == slow ? Task.Delay(TimeSpan.FromMilliseconds(milliseconds), sim.Scheduler.Time) : Task.CompletedTask;
        }));
        sim.AppendMany(4, i => $"key-{i}");
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(producers, opened);
        Assert.Equal(4, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void Two_instances_of_one_slot_end_with_an_error_that_names_it()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.Options.TransactionRecordsMax = 1;
        sim.AppendMany(200, i => $"key-{i}");
        RunningStage one = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)), slot: "7");
        RunningStage two = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)), slot: "7");
        sim.Scheduler.RunUntil("one of them gives up", () => one.Task.IsCompleted || two.Task.IsCompleted);
        RunningStage ended = one.Task.IsCompleted ? one : two;
        LogException e = Assert.Throws<LogException>(() => ended.Task.GetAwaiter().GetResult());
        Assert.True(e.IsFatal);
        Assert.Contains("group-7", e.Message, StringComparison.Ordinal);
        Assert.Contains("--slot", e.Message, StringComparison.Ordinal);

        // The other one goes on alone and finishes everything.
        RunningStage left = ended == one ? two : one;
        sim.RunUntilConsumed(left);
        Assert.Equal(200, sim.Read("out").Distinct().Count());
        Assert.Equal(200, sim.Read("out").Count);
        sim.Stop(left);
    }

    [Fact]
    public void A_fence_now_and_then_is_no_error()
    {
        var sim = new SimulatedStage();
        var fault = new FailingOnce(LogOperation.Commit, applied: false, times: 2, isFenced: true);
        sim.Port = new InterceptedLog(sim.Log, fault);
        sim.AppendMany(5, i => $"key-{i}");
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(5, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void A_log_that_stays_away_is_asked_ever_more_rarely()
    {
        var sim = new SimulatedStage();
        int begun = 0;
        bool away = true;
        sim.Port = new InterceptedLog(sim.Log, new Observing(before: operation =>
        {
            begun += operation == LogOperation.Begin ? 1 : 0;
            return away && operation == LogOperation.Flush ? throw new LogException("away") : Task.CompletedTask;
        }));
        sim.AppendMany(5, i => $"key-{i}");
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.Scheduler.RunFor(TimeSpan.FromMinutes(2));
        Assert.InRange(begun, 5, 60);
        away = false;
        sim.RunUntilConsumed(stage);
        Assert.Equal(5, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void A_stage_that_cannot_leave_ends_all_the_same()
    {
        var sim = new SimulatedStage();
        sim.Port = new InterceptedLog(sim.Log, new FailingOnce(LogOperation.Leave, applied: false));
        sim.Append("a", "1");
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        sim.Stop(stage);
        Assert.True(stage.Task.IsCompletedSuccessfully);
    }
}
