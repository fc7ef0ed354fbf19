using System.Text;
using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Progress;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>The deliberate bugs. Each is one that an engine like this has had somewhere, or nearly had.</summary>
internal static class Mutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        Split("offsets are committed before outputs", [Part.Offsets, Part.Progress], [Part.Outputs]),
        Split("outputs are committed before offsets", [Part.Outputs], [Part.Progress, Part.Offsets]),
        Split("the done-set follows in a transaction of its own", [Part.Outputs, Part.Offsets], [Part.Progress]),
        Split("the done-set goes ahead in a transaction of its own", [Part.Progress], [Part.Outputs, Part.Offsets]),
        Sent("the done-set isn't written", record => record.Topic == ProgressTopic ? null : record),
        Sent("the done-set goes to another partition", record => record.Topic == ProgressTopic ? record with { Partition = 0 } : record),
        Sent("the done-set has one record too many", Change(progress => progress.Done.Count == 0 ? progress : progress with { Done = [.. progress.Done.SkipLast(1), Longer(progress.Done[^1])] })),
        Sent("the done-set lacks its highest run", Change(progress => progress with { Done = [.. progress.Done.SkipLast(1)] })),
        Sent("the done-set is counted from the next offset", Change(progress => progress with { Base = progress.Base + 1, Done = [.. progress.Done.Where(run => run.First > progress.Base + 1)], })),
        Sent("waiting records aren't written", Change(progress => progress with { Waiting = [] })),
        Sent("a restart hurries what waits", Change(progress => progress with { Waiting = [.. progress.Waiting.Select(waiting => waiting with { Delay = TimeSpan.Zero })] })),
        Reading("a stale done-set is believed", (read, sim) => Patch(read, sim, (progress, committed) => Shift(progress, committed - progress.Base))),
        Reading("the first done-set is taken, not the last", async (read, _) => [.. (await read()).AsEnumerable().Reverse()]),
        Reading("another group's done-set is taken", async (read, _) => [.. (await read()).OrderBy(IsForeign).Select(AsOurs)]),
        Reading("what is pending isn't waited for", (_, sim) => Task.FromResult(sim.Log.ReadCommitted(ProgressTopic).ToList())),
        Reading("an aborted done-set is believed", async (read, sim) =>
        {
            await read();
            return [.. sim.Log.ReadUncommitted(ProgressTopic)];
        }),
        Reading("the done-set isn't read", (_, _) => Task.FromResult(new List<SourceRecord>())),
        Make("a commit in doubt is taken for done", (log, _) => new MutantLog(log) { Commit = DoneInAnyCase }),
        Make("a commit in doubt is repeated as new", RepeatAsNew),
        Make("a slow commit isn't followed by a fresh producer", (log, _) => new MutantLog(log) { KeepsProducers = true }),
        Make("the membership is asked for when the offsets go", (log, _) => new MutantLog(log) { MembershipIsAskedLate = true }),
        Make("lost partitions are kept, and results of the former epoch emitted", (log, _) => new MutantLog(log) { Listener = listener => new Deaf(listener, hearsRevoked: true) }),
        Make("revoked partitions are kept", (log, _) => new MutantLog(log) { Listener = listener => new Deaf(listener, hearsRevoked: false) }),
        Make("the offset is one too high", (log, _) => new MutantLog(log) { Offsets = offsets => offsets.ToDictionary(entry => entry.Key, entry => entry.Value + 1) }),
        Make("the offset is one too low", (log, _) => new MutantLog(log) { Offsets = offsets => offsets.ToDictionary(entry => entry.Key, entry => Math.Max(0, entry.Value - 1)) }),
        Make("a transaction's outputs are in no order", (log, _) => new MutantLog(log) { SentTogether = records => [.. records.AsEnumerable().Reverse()] }),
        Make("outputs aren't in the transaction", (log, sim) => new MutantLog(log) { Sent = record => Aside(record, sim, "out") }),
        Make("dead letters aren't in the transaction", (log, sim) => new MutantLog(log) { Sent = record => Aside(record, sim, "dlq") }),
        Make("dead letters aren't written", (log, _) => new MutantLog(log) { Sent = record => record.Topic == "dlq" ? null : record }),
        Make("a poll drops its last record", (log, sim) => new MutantLog(log) { Polled = records => sim.Scheduler.Random.Next(4) == 0 ? [.. records.SkipLast(1)] : records }),
        .. Enum.GetValues<LaneBug>().Where(bug => bug != LaneBug.None).Select(Lanes),
    ];

    /// <summary>Lanes without a bug.</summary>
    public static Mutant Control { get; } = Lanes(LaneBug.None);

    private static Mutant Lanes(LaneBug bug) =>
        new($"lanes: {bug}", Dispatcher: (handler, finisher, circuit, context) => new MutantLanes(bug, handler, finisher, circuit, context));

    private static Mutant Make(string name, Func<IStageLog, SimulatedStage, IStageLog> log) => new(name, log);

    private static Mutant Split(string name, params Part[][] transactions) => new(name, (log, _) => new MutantLog(log) { Split = transactions });

    private static Mutant Sent(string name, Func<OutputRecord, OutputRecord?> sent) => new(name, (log, _) => new MutantLog(log) { Sent = sent });

    private static Mutant Reading(string name, Func<Func<Task<List<SourceRecord>>>, SimulatedStage, Task<List<SourceRecord>>> reading) =>
        new(name, (log, sim) => new MutantLog(log) { Reading = read => reading(read, sim) });

    private static Func<OutputRecord, OutputRecord> Change(Func<PartitionProgress, PartitionProgress> change) => record =>
        record.Topic == ProgressTopic && record.Value is { } value ? record with { Value = Write(change(ProgressFormat.Read(value))) } : record;

    /// <summary>Wrong, but readable: a bug that shows in the bytes isn't the one that is looked for.</summary>
    private static byte[] Write(PartitionProgress progress) =>
        ProgressFormat.Write(progress with { Waiting = [.. progress.Waiting.Where(waiting => waiting.Offset >= progress.Base && !progress.IsDone(waiting.Offset))] });

    private static OffsetRun Longer(OffsetRun run) => run with { End = run.End + 1 };

    private static PartitionProgress Shift(PartitionProgress progress, long distance) => progress with
    {
        Base = progress.Base + distance,
        Done = [.. progress.Done.Select(run => new OffsetRun(run.First + distance, run.End + distance))],
        Waiting = [],
    };

    private static async Task<List<SourceRecord>> Patch(
        Func<Task<List<SourceRecord>>> read, SimulatedStage sim, Func<PartitionProgress, long, PartitionProgress> patch)
    {
        List<SourceRecord> records = await read();
        return [.. records.Select(record => record.Value is { } value && !IsForeign(record)
            ? record with { Value = Write(patch(ProgressFormat.Read(value), sim.Log.CommittedOffset(Group, In(record.Partition.Partition)) ?? 0)) }
            : record)];
    }

    private static bool IsForeign(SourceRecord record) => Encoding.UTF8.GetString(record.Key!).StartsWith("other", StringComparison.Ordinal);

    private static SourceRecord AsOurs(SourceRecord record) => record with { Key = ProgressFormat.Key(Group, In(record.Partition.Partition)) };

    private static async Task DoneInAnyCase(Func<Task> commit) =>
        await commit().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    /// <summary>After a commit that failed, nobody asks what became of it.</summary>
    private static MutantLog RepeatAsNew(IStageLog log, SimulatedStage sim)
    {
        bool inDoubt = false;
        return new MutantLog(log)
        {
            Commit = async commit =>
            {
                try
                {
                    await commit();
                }
                catch (LogException)
                {
                    inDoubt = true;
                    throw;
                }
            },
            Committed = async ask =>
            {
                IReadOnlyDictionary<SourcePartition, long?> offsets = await ask();
                (bool forget, inDoubt) = (inDoubt, false);
                return forget ? offsets.ToDictionary(entry => entry.Key, _ => (long?)null) : offsets;
            },
        };
    }

    private static OutputRecord? Aside(OutputRecord record, SimulatedStage sim, string topic)
    {
        if (record.Topic != topic)
        {
            return record;
        }

        sim.Log.Append(record);
        return null;
    }

    private sealed class Deaf(IAssignmentListener inner, bool hearsRevoked) : DelegatingListener(inner)
    {
        public override Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions) => hearsRevoked ? base.OnRevokedAsync(partitions) : Task.CompletedTask;

        public override void OnLost(IReadOnlyCollection<SourcePartition> partitions)
        {
            if (!hearsRevoked)
            {
                base.OnLost(partitions);
            }
        }
    }
}
