using System.Diagnostics;
using System.Text;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

/// <summary>
/// A stage is stopped at each of its steps in turn, another takes over, and the outcome is compared with what one record after another would have given.
/// A failure names seed and step; <c>CAROUSEL_REPLAY=seed:step</c> runs that one alone and prints the stage's log.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int RecordCount = 30;
    private const int PartitionCount = 3;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    [Fact]
    public void Stopped_at_any_step_a_stage_ends_each_record_once_and_in_order()
    {
        if (Environment.GetEnvironmentVariable("CAROUSEL_REPLAY") is { Length: > 0 } replay)
        {
            RunStoppedAt(int.Parse(replay.Split(':')[0], null), int.Parse(replay.Split(':')[1], null), new OutputLogger(output));
            return;
        }

        long started = Stopwatch.GetTimestamp();
        int runs = 0;
        int seed = 0;
        for (; Stopwatch.GetElapsedTime(started) < Budget; seed++)
        {
            int step = 1;
            while (Stopwatch.GetElapsedTime(started) < Budget && RunStoppedAt(seed, step++, NullLogger.Instance))
            {
                runs++;
            }
        }

        output.WriteLine($"{runs} runs over {seed} seeds.");
        Assert.True(runs >= 100, $"Only {runs} runs within {Budget.TotalSeconds} s.");
    }

    /// <returns>False when the run had no such step.</returns>
    private static bool RunStoppedAt(int seed, int step, ILogger logger)
    {
        var sim = new SimulatedStage(PartitionCount, seed) { Logger = logger };
        Random random = sim.Scheduler.Random;
        sim.Options.TransactionRecordsMax = random.Next(1, 12);
        sim.Options.BatchRecordsMax = random.Next(1, 12);
        sim.Options.Retry.AttemptsMax = 3;
        sim.Options.WindowRecordsMax = random.Next(5, 50);
        double failureRate = random.Next(3) * 0.02;
        bool batches = random.Next(3) == 0;
        bool sameSlot = random.Next(2) == 0;
        var model = new Model(sim, batches);
        var stop = new StopAfter(step, sim.Scheduler, failureRate);
        sim.Port = new InterceptedLog(sim.Log, stop);
        RunningStage first = model.Start("0");
        sim.RunUntil("the first instance stops or is done", () => stop.IsStopped || sim.IsConsumed(), first);
        if (!stop.IsStopped)
        {
            model.Check(seed, step);
            return false;
        }

        // A poll that is under way in the log itself comes to its end, unheard; else it would join the group again on the dead one's behalf.
        sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(200));

        // The group notices at some time that the first instance is dead: before the next comes, or after.
        bool early = random.Next(2) == 0;
        if (early)
        {
            sim.Log.ExpelMember(Group, 0);
        }

        sim.Port = new InterceptedLog(sim.Log, new StopAfter(int.MaxValue, sim.Scheduler, failureRate));
        RunningStage second = model.Start(sameSlot ? "0" : "1");
        if (!early)
        {
            sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(random.Next(3_000)));
            sim.Log.ExpelMember(Group, 0);
        }

        sim.RunUntil($"the second instance is done (step {step})", sim.IsConsumed, second);

        // With another slot, the dead one's transaction hides what was written after it until the log gives it up.
        sim.Scheduler.RunFor(sim.Log.TransactionTimeout + TimeSpan.FromSeconds(1));
        model.Check(seed, step);
        return true;
    }

    private sealed class OutputLogger(ITestOutputHelper output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            output.WriteLine($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
    }

    /// <summary>What each record has to become, which doesn't depend on how often it is tried or by whom.</summary>
    private sealed class Model
    {
        private readonly SimulatedStage _sim;
        private readonly bool _batches;
        private readonly List<string> _expected = [];

        public Model(SimulatedStage sim, bool batches)
        {
            (_sim, _batches) = (sim, batches);
            for (int i = 0; i < RecordCount; i++)
            {
                int partition = sim.Scheduler.Random.Next(PartitionCount);
                int key = sim.Scheduler.Random.Next(4);
                string fate = (batches ? new[] { "ok", "ok", "declined" } : ["ok", "ok", "ok", "late", "declined", "hopeless"])[sim.Scheduler.Random.Next(batches ? 3 : 6)];
                string value = $"{partition}/{key}/{i}/{fate}";
                sim.Append(key == 0 ? null : $"key-{key}", value, partition);
                _expected.Add(fate switch
                {
                    "declined" => $"Rejection {fate} {value}",
                    "hopeless" => $"Exhausted {fate} {value}",
                    _ => value,
                });
            }
        }

        public RunningStage Start(string slot) => _batches ? _sim.StartBatches(HandleAsync, slot) : _sim.Start(HandleAsync, slot);

        public void Check(int seed, int step)
        {
            // The number of attempts depends on the run; everything else doesn't.
            IEnumerable<string> letters = _sim.Read("dlq").Select(text => string.Join(' ', text.Split(' ').Where((_, i) => i != 2)));
            List<string> actual = [.. _sim.Read("out"), .. letters];
            Assert.True(_expected.Order().SequenceEqual(actual.Order()), Report("each record ends once", seed, step, actual));
            foreach (string topic in new[] { "out", "dlq" })
            {
                foreach (IGrouping<(int, string), SourceRecord> lane in _sim.Log.ReadCommitted(topic).Where(record => record.Key is not null)
                    .GroupBy(record => (record.Partition.Partition, Encoding.UTF8.GetString(record.Key!))))
                {
                    List<int> numbers = [.. lane.Select(record => int.Parse(Text(record).Split(' ')[^1].Split('/')[2], null))];
                    Assert.True(numbers.Order().SequenceEqual(numbers), Report($"{topic} is in order for {lane.Key}", seed, step, numbers.Select(n => $"{n}")));
                }
            }
        }

        private static string Report(string what, int seed, int step, IEnumerable<string> actual) =>
            $"Seed {seed}, stopped at step {step}: not so that {what}; found {string.Join(", ", actual)}.";

        private async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            if (_sim.Scheduler.Random.Next(2) == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_sim.Scheduler.Random.Next(300)), _sim.Scheduler.Time, cancellationToken);
            }

            if (_sim.Scheduler.Random.Next(20) == 0)
            {
                return new Outcome.Unavailable("payments", "away");
            }

            string fate = Text(delivery.Record).Split('/')[^1];
            return fate switch
            {
                "late" when delivery.Attempt < 2 => new Outcome.Retry(fate, "", null),
                "hopeless" => new Outcome.Retry(fate, "", null),
                _ => Decide(delivery.Record),
            };
        }

        private async Task<IReadOnlyList<Outcome>> HandleAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_sim.Scheduler.Random.Next(30)), _sim.Scheduler.Time, cancellationToken);
            return _sim.Scheduler.Random.Next(10) == 0
                ? throw new DependencyUnavailableException("database", "away")
                : [.. records.Select(Decide)];
        }

        private static Outcome Decide(SourceRecord record) => Text(record).EndsWith("declined", StringComparison.Ordinal)
            ? new Outcome.DeadLettered(DeadLetterKind.Rejection, "declined", "", null)
            : To("out", record);
    }
}
