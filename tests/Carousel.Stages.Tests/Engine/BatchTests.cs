using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class BatchTests
{
    [Fact]
    public void Batches_keep_the_order_and_the_limit_and_run_one_at_a_time()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.Options.BatchRecordsMax = 100;
        sim.AppendMany(1_000, i => $"key-{i}");
        var sizes = new List<int>();
        int running = 0;
        RunningStage stage = sim.StartBatches(async (records, cancellationToken) =>
        {
            sizes.Add(records.Count);
            Assert.Equal(1, ++running);
            await Task.Delay(TimeSpan.FromMilliseconds(3), sim.Scheduler.Time, cancellationToken);
            running--;
            return All(records);
        });
        sim.RunUntilConsumed(stage);
        Assert.All(sizes, size => Assert.InRange(size, 1, 100));
        Assert.Equal(100, sizes.Max());
        Assert.All(sim.Log.ReadCommitted("out").GroupBy(record => record.Partition), group =>
        {
            IEnumerable<int> numbers = group.Select(record => int.Parse(Text(record), null));
            Assert.Equal(Enumerable.Range(0, 500).Select(i => (i * 2) + group.Key.Partition), numbers);
        });
        sim.Stop(stage);
    }

    [Fact]
    public void A_batch_waits_for_more_no_longer_than_its_linger()
    {
        var sim = new SimulatedStage();
        sim.Options.BatchLinger = TimeSpan.FromMilliseconds(40);
        var batches = new List<(int Size, TimeSpan At)>();
        RunningStage stage = sim.StartBatches((records, _) =>
        {
            batches.Add((records.Count, sim.Scheduler.Time.Elapsed));
            return Task.FromResult(All(records));
        });
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(1));
        TimeSpan first = sim.Scheduler.Time.Elapsed;
        sim.Append("a", "1");
        sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(20));
        sim.Append("a", "2");
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(1));
        sim.Append("a", "3");
        sim.RunUntilConsumed(stage);
        Assert.Equal([2, 1], batches.Select(batch => batch.Size));
        Assert.Equal(TimeSpan.FromMilliseconds(40), batches[0].At - first);
        sim.Stop(stage);
    }

    [Fact]
    public void A_batch_comes_again_as_it_was_until_its_dependency_is_back()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(50, i => $"key-{i % 3}");
        var seen = new List<string>();
        RunningStage stage = sim.StartBatches((records, _) =>
        {
            seen.Add(string.Join(",", records.Select(Text)));
            return seen.Count < 6 ? throw new DependencyUnavailableException("database", "closed") : Task.FromResult(All(records));
        });
        sim.RunUntilConsumed(stage);
        Assert.Single(seen.Take(6).Distinct());
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), sim.Read("out"));
        sim.Stop(stage);
    }

    [Fact]
    public void What_is_finished_does_not_come_again_with_a_dead_letter_that_could_not_be_written()
    {
        var sim = new SimulatedStage { DeadLetters = new TextDeadLetters { Failures = 2 } };
        sim.AppendMany(4, i => $"key-{i}");
        var seen = new List<string>();
        RunningStage stage = sim.StartBatches((records, _) =>
        {
            seen.Add(string.Join(",", records.Select(Text)));
            return Task.FromResult<IReadOnlyList<Outcome>>(
                [.. records.Select(record => Text(record) == "2" ? new Outcome.DeadLettered(DeadLetterKind.Defect, "bad", "", null) : To("out", record))]);
        });
        sim.RunUntilConsumed(stage);
        Assert.Equal(["0,1,2,3", "2,3", "2,3"], seen);
        Assert.Equal(["0", "1", "3"], sim.Read("out"));
        Assert.Equal(["Defect bad 1 2"], sim.Read("dlq"));
        sim.Stop(stage);
    }

    [Theory]
    [InlineData("too few outcomes")]
    [InlineData("a retry")]
    public void A_wrong_answer_halts_the_stage(string answer)
    {
        var sim = new SimulatedStage();
        sim.AppendMany(2, i => $"key-{i}");
        RunningStage stage = sim.StartBatches((_, _) => Task.FromResult<IReadOnlyList<Outcome>>(
            answer == "a retry" ? [new Outcome.Retry("", "", null), Outcome.Nothing] : [Outcome.Nothing]));
        sim.Scheduler.RunUntil("the stage has ended", () => stage.Task.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => stage.Task.GetAwaiter().GetResult());
        Assert.Null(sim.Log.CommittedOffset(Group, In(0)));
    }

    [Fact]
    public void The_next_batch_runs_while_the_last_one_is_committed()
    {
        var sim = new SimulatedStage();
        sim.Options.BatchRecordsMax = 10;
        sim.AppendMany(50, i => $"key-{i}");
        var commit = new TaskCompletionSource();
        int batches = 0;
        sim.Port = new InterceptedLog(sim.Log, new Observing(before: operation => operation == LogOperation.Commit ? commit.Task : Task.CompletedTask));
        RunningStage stage = sim.StartBatches((records, _) =>
        {
            batches++;
            return Task.FromResult(All(records));
        });
        sim.RunUntil("all batches have run", () => batches == 5, stage);
        Assert.Empty(sim.Read("out"));
        commit.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), sim.Read("out"));
        sim.Stop(stage);
    }

    private static IReadOnlyList<Outcome> All(IReadOnlyList<SourceRecord> records) => [.. records.Select(record => To("out", record))];
}
