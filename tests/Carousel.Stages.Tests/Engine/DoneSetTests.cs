using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Progress;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class DoneSetTests
{
    [Fact]
    public void A_stuck_record_neither_holds_up_others_nor_fills_the_window()
    {
        var sim = new SimulatedStage();
        sim.Options.WindowRecordsMax = 100;
        sim.Append("stuck", "stuck");
        sim.AppendMany(20_000, i => $"key-{i % 50}");
        var gate = new TaskCompletionSource();
        RunningStage stage = sim.Start(async delivery =>
        {
            if (delivery.Record.Offset == 0)
            {
                await gate.Task;
            }

            return To("out", delivery.Record);
        });
        sim.RunUntil("all others are written", () => sim.Log.EndOffset(new SourcePartition("out", 0)) >= 20_000, stage);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(0, sim.Log.CommittedOffset(Group, In(0)));
        Assert.Equal(new OffsetRun(1, 20_001), Assert.Single(sim.CommittedProgress()!.Done));
        Assert.Equal(1, stage.Stage.Snapshot()!.WindowRecords);
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(20_001, sim.Read("out").Count);

        // What was said is taken back, so that the cleaner can forget it.
        Assert.Null(sim.Log.ReadCommitted(ProgressTopic)[^1].Value);
        sim.Stop(stage);
    }

    [Fact]
    public void Who_takes_over_handles_only_what_is_not_done()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.AppendMany(100, i => $"key-{i}");
        RunningStage first = sim.Start(delivery => Text(delivery.Record) is "4" or "7" or "60"
            ? new TaskCompletionSource<Outcome>().Task
            : Task.FromResult(To("out", delivery.Record)));
        sim.RunUntil("all others are written", () => sim.Read("out").Count == 97, first);
        sim.Log.ExpelMember(Group, 0);
        var handled = new List<string>();
        RunningStage second = sim.Start(
            delivery =>
            {
                handled.Add(Text(delivery.Record));
                return Task.FromResult(To("out", delivery.Record));
            },
            slot: "1");
        sim.RunUntilConsumed();
        Assert.Equal(["4", "60", "7"], handled.Order(StringComparer.Ordinal).Distinct());
        Assert.Equal(100, sim.Read("out").Distinct().Count());
        Assert.Equal(100, sim.Read("out").Count);
        Assert.False(second.Task.IsCompleted);
    }

    [Fact]
    public void A_restart_neither_forgets_attempts_nor_hurries_the_next()
    {
        var sim = new SimulatedStage();
        sim.Options.Retry.AttemptsMax = 4;
        sim.Append("a", "slow");
        var attempts = new List<(int Attempt, int Second, TimeSpan Age)>();
        Task<Outcome> Handle(Delivery delivery)
        {
            attempts.Add((delivery.Attempt, (int)sim.Scheduler.Time.Elapsed.TotalSeconds, delivery.Age));
            return Task.FromResult<Outcome>(new Outcome.Retry("busy", "", null, TimeSpan.FromSeconds(60)));
        }

        RunningStage first = sim.Start(Handle);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(90));
        sim.Stop(first);
        WaitingRecord waiting = Assert.Single(sim.CommittedProgress()!.Waiting);
        Assert.Equal((0, 2), (waiting.Offset, waiting.Attempts));

        // It restarts at second 100, twenty before the attempt is due; the one after that comes while nobody runs, and is made at once.
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));
        RunningStage second = sim.Start(Handle);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(50));
        sim.Stop(second);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(200));
        RunningStage third = sim.Start(Handle);
        sim.RunUntilConsumed(third);
        Assert.Equal([(1, 0), (2, 60), (3, 120), (4, 350)], attempts.Select(attempt => (attempt.Attempt, attempt.Second)));
        Assert.Equal([0, 60, 120, 180], attempts.Select(attempt => (int)attempt.Age.TotalSeconds));
        Assert.Equal(["Exhausted busy 4 slow"], sim.Read("dlq"));
        sim.Stop(third);
    }

    [Fact]
    public void A_done_set_that_was_not_written_for_the_committed_offset_is_ignored()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(10, i => $"key-{i}");
        WriteProgress(sim, new PartitionProgress(3, DateTime.UnixEpoch, [new OffsetRun(4, 9)], []));
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(10, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void A_done_set_of_another_group_or_topic_is_ignored()
    {
        var sim = new SimulatedStage();
        CommitOffset(sim, 0);
        sim.AppendMany(10, i => $"key-{i}");
        byte[] value = ProgressFormat.Write(new PartitionProgress(0, DateTime.UnixEpoch, [new OffsetRun(1, 10)], []));
        foreach (byte[] key in new[] { ProgressFormat.Key("other", In(0)), ProgressFormat.Key(Group, new SourcePartition("other", 0)), ProgressFormat.Key(Group, In(1)) })
        {
            sim.Log.Append(new OutputRecord(ProgressTopic, 0, key, value, []));
        }

        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(10, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void A_done_set_that_reaches_beyond_the_end_of_its_partition_is_ignored()
    {
        var sim = new SimulatedStage();
        CommitOffset(sim, 0);
        sim.AppendMany(10, i => $"key-{i}");
        WriteProgress(sim, new PartitionProgress(0, DateTime.UnixEpoch, [new OffsetRun(1, 2_000_000_000)], []));
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal(10, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Fact]
    public void Bytes_that_cannot_be_read_halt_the_stage_and_are_named()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(10, i => $"key-{i}");
        sim.Log.Append(new OutputRecord(ProgressTopic, 0, ProgressFormat.Key(Group, In(0)), [2, 0], []));
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.Scheduler.RunUntil("the stage has ended", () => stage.Task.IsCompleted);
        LogException e = Assert.Throws<LogException>(() => stage.Task.GetAwaiter().GetResult());
        Assert.True(e.IsFatal);
        Assert.Contains("offset 0 of progress-0: version 2", e.Message, StringComparison.Ordinal);
        Assert.Empty(sim.Read("out"));
    }

    [Fact]
    public void A_topic_that_was_made_anew_is_read_from_its_beginning()
    {
        var sim = new SimulatedStage();
        CommitOffset(sim, 500);
        WriteProgress(sim, new PartitionProgress(500, DateTime.UnixEpoch, [new OffsetRun(501, 510)], []));
        sim.AppendMany(10, i => $"key-{i}");
        sim.Port = new FromTheBeginning(sim.Log);
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntil("all is written", () => sim.Read("out").Count == 10, stage);
        Assert.Equal(10, sim.Log.CommittedOffset(Group, In(0)));
        sim.Stop(stage);
    }

    [Fact]
    public void Records_that_retention_took_hold_nothing_up()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(20, i => $"key-{i}");
        CommitOffset(sim, 2);
        WriteProgress(sim, new PartitionProgress(2, DateTime.UnixEpoch, [new OffsetRun(3, 5), new OffsetRun(15, 17)], []));
        sim.Log.DeleteBefore(In(0), 8);
        RunningStage stage = sim.Start(delivery => Task.FromResult(To("out", delivery.Record)));
        sim.RunUntilConsumed(stage);
        Assert.Equal([.. Enumerable.Range(8, 7), 17, 18, 19], sim.Read("out").Select(int.Parse).Order());
        sim.Stop(stage);
    }

    [Fact]
    public void Above_too_many_unfinished_records_results_wait_in_memory()
    {
        const int Count = PartitionProgress.UnfinishedMax + 4_000;
        int started = 0;
        var sim = new SimulatedStage();
        sim.Options.WindowRecordsMax = 50_000;
        sim.AppendMany(Count, i => $"key-{i}");
        var gate = new TaskCompletionSource();
        RunningStage stage = sim.Start(async delivery =>
        {
            // One in a hundred ends at once, and so do the last ones.
            started++;
            if (delivery.Record.Offset < PartitionProgress.UnfinishedMax + 2_000 && delivery.Record.Offset % 100 != 0)
            {
                await gate.Task;
            }

            return To("out", delivery.Record);
        });
        sim.RunUntil("all have been started", () => started == Count, stage);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(2));
        PartitionProgress progress = sim.CommittedProgress()!;
        Assert.InRange(progress.Done.Count, 150, 170);
        Assert.InRange(sim.Read("out").Count, 150, 170);
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(Count, sim.Read("out").Distinct().Count());
        Assert.Equal(Count, sim.Read("out").Count);
        sim.Stop(stage);
    }

    [Theory]
    [InlineData(LogOperation.SendOffsets)]
    [InlineData(LogOperation.Commit)]
    public void After_a_commit_in_doubt_the_done_set_says_what_was_written(LogOperation operation)
    {
        var sim = new SimulatedStage();
        var fault = new FailingOnce(operation, applied: true);
        sim.Port = new InterceptedLog(sim.Log, fault);
        sim.AppendMany(10, i => $"key-{i}");
        var gate = new TaskCompletionSource();
        RunningStage stage = sim.Start(async delivery =>
        {
            if (delivery.Record.Offset == 0)
            {
                await gate.Task;
            }

            return To("out", delivery.Record);
        });
        sim.RunUntil("the others are written", () => fault.IsSpent && sim.Read("out").Count >= 9, stage);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(9, sim.Read("out").Count);
        gate.SetResult();
        sim.RunUntilConsumed(stage);
        Assert.Equal(10, sim.Read("out").Count);
        sim.Stop(stage);
    }

    private static void WriteProgress(SimulatedStage sim, PartitionProgress progress) =>
        sim.Log.Append(new OutputRecord(ProgressTopic, 0, ProgressFormat.Key(Group, In(0)), ProgressFormat.Write(progress), []));

    /// <summary>Commits an offset as an earlier instance would have.</summary>
    private static void CommitOffset(SimulatedStage sim, long offset)
    {
        sim.Scheduler.RunToEnd("the offset is committed", sim.Scheduler.Under(async () =>
        {
            IStageConsumer consumer = sim.Log.Join(new GroupSubscription(Group, ["in"]), new Nobody());
            await consumer.PollAsync(TimeSpan.Zero);
            IStageProducer producer = await sim.Log.OpenProducerAsync("before", CancellationToken.None);
            await producer.BeginAsync();
            await producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [In(0)] = offset }, await consumer.MembershipAsync());
            await producer.CommitAsync();
            await consumer.LeaveAsync();
        }));
    }

    private sealed class Nobody : IAssignmentListener
    {
        public void OnAssigned(IReadOnlyCollection<SourcePartition> partitions)
        {
        }

        public Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions) => Task.CompletedTask;

        public void OnLost(IReadOnlyCollection<SourcePartition> partitions)
        {
        }
    }

    /// <summary>Does what Kafka's consumer does when the committed offset lies beyond the end (auto.offset.reset=earliest).</summary>
    private sealed class FromTheBeginning(InMemoryLog log) : Schedules.DelegatingLog(log)
    {
        public override IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) => new Consumer(base.Join(subscription, listener), log);

        private sealed class Consumer(IStageConsumer inner, InMemoryLog log) : Schedules.DelegatingConsumer(inner)
        {
            private bool _given;

            public override async Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout)
            {
                IReadOnlyList<SourceRecord> records = await Inner.PollAsync(timeout);
                if (_given)
                {
                    return records;
                }

                _given = true;
                return log.ReadCommitted("in");
            }
        }
    }
}
