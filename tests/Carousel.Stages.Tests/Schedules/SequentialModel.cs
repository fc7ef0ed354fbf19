using System.Text;
using Carousel.Stages.Log;
using Carousel.Stages.Tests.Simulation;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>
/// What one record after another would have given: each has a fate, which doesn't depend on how often it is tried or by whom. Handlers ask it what to
/// answer, and it watches how they are called: in order per key, never early, never with an attempt forgotten that the log knows of.
/// </summary>
internal sealed class SequentialModel(SimulatedStage sim)
{
    public const int AttemptsMax = 3;
    private readonly List<Source> _sources = [];
    private readonly Dictionary<(int Partition, long Offset), Source> _byOffset = [];
    private readonly Dictionary<(int, string), List<Source>> _lanes = [];
    private int _receipts;

    public IReadOnlyList<string> Violations => _violations;

    private readonly List<string> _violations = [];
    private readonly List<(Source Source, int Attempt, Instance Instance, TimeSpan At)> _unknown = [];

    /// <summary>Appends a record to <c>in</c>, through the producer where there is one.</summary>
    public OutputRecord Make(int partition, string? key, string fate)
    {
        var source = new Source(_sources.Count, partition, key, fate);
        _sources.Add(source);
        if (key is not null)
        {
            if (!_lanes.TryGetValue((partition, key), out List<Source>? lane))
            {
                _lanes.Add((partition, key), lane = []);
            }

            source.Lane = lane;
            lane.Add(source);
        }

        return new OutputRecord("in", partition, key is null ? null : Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(source.Value), []);
    }

    public Outcome Decide(Delivery delivery, Instance instance)
    {
        Source source = Find(delivery.Record);
        switch (source.Fate)
        {
            case "late" when delivery.Attempt < 2:
            case "stubborn" when delivery.Attempt < AttemptsMax:
                return Fail(source, delivery, instance);
            case "hopeless":
                source.IsEnded |= delivery.IsLastAttempt;
                return Fail(source, delivery, instance);
            case "declined":
                source.IsEnded = true;
                return new Outcome.DeadLettered(DeadLetterKind.Rejection, "declined", "", null);
            default:
                // The effect outside the log happens once, and whoever repeats it gets the first one's receipt.
                source.Receipt ??= ++_receipts;
                source.IsEnded = true;
                byte[] value = Encoding.UTF8.GetBytes($"{source.Value}/{source.Receipt}");
                return new Outcome.Completed([new OutputRecord("out", delivery.Record.Partition.Partition, delivery.Record.Key, value, [])]);
        }
    }

    /// <summary>Called before a handler does anything.</summary>
    public void OnCalled(Delivery delivery, Instance instance)
    {
        Source source = Find(delivery.Record);
        if (source.Lane is { } lane && lane.TakeWhile(other => other != source).FirstOrDefault(other => !other.IsEnded) is { } earlier)
        {
            _violations.Add($"{source.Value} was started before {earlier.Value} had ended");
        }

        // After a crash an attempt may have been made twice; whichever the engine goes on from, it has to wait as long as that one asked for.
        TimeSpan now = sim.Scheduler.Time.Elapsed;
        TimeSpan due = source.Failures.Where(failure => failure.Attempt == delivery.Attempt - 1).Select(failure => failure.RetryAt).DefaultIfEmpty(now).Min();
        if (now < due)
        {
            _violations.Add($"attempt {delivery.Attempt} of {source.Value} was made at {now}, and not at {due}");
        }

        if (delivery.Attempt <= source.KnownAttempts && !instance.IsSuspect)
        {
            _violations.Add($"attempt {delivery.Attempt} of {source.Value} was made again; {source.KnownAttempts} are known");
        }
    }

    /// <summary>A transaction with a partition's offset tells of all attempts that this instance had made by the time it was begun.</summary>
    public void OnCommitted(Instance instance, IEnumerable<SourcePartition> partitions, TimeSpan begun)
    {
        int[] numbers = [.. partitions.Select(partition => partition.Partition)];
        _unknown.RemoveAll(failure =>
        {
            bool isKnown = failure.Instance == instance && failure.At < begun && numbers.Contains(failure.Source.Partition);
            if (isKnown && !instance.IsSuspect)
            {
                failure.Source.KnownAttempts = Math.Max(failure.Source.KnownAttempts, failure.Attempt);
            }

            return isKnown;
        });
    }

    /// <summary>A new assignment of a partition begins with what is committed, whatever the instance did in a former one.</summary>
    public void OnAssigned(Instance instance, IEnumerable<SourcePartition> partitions)
    {
        int[] numbers = [.. partitions.Select(partition => partition.Partition)];
        _unknown.RemoveAll(failure => failure.Instance == instance && numbers.Contains(failure.Source.Partition));
    }

    /// <summary>Each record ended once, outputs stand in the order of their keys, and tell the receipt of the effect that happened.</summary>
    public void Check()
    {
        List<string> found = [.. sim.Read("out"), .. sim.Read("dlq")];
        List<string> expected = [.. _sources.Select(source => source.Expected)];
        foreach (string text in expected.Except(found))
        {
            _violations.Add($"{text} is lost");
        }

        foreach (IGrouping<string, string> same in found.GroupBy(text => text).Where(same => same.Count() > 1 || !expected.Contains(same.Key)))
        {
            _violations.Add($"{same.Key} is there {same.Count()} times");
        }

        foreach (string topic in new[] { "out", "dlq" })
        {
            foreach (IGrouping<(int, string), SourceRecord> lane in sim.Log.ReadCommitted(topic).Where(record => record.Key is not null)
                .GroupBy(record => (record.Partition.Partition, Encoding.UTF8.GetString(record.Key!))))
            {
                int[] numbers = [.. lane.Select(record => Source.Number(SimulatedStage.Text(record)))];
                if (!numbers.Order().SequenceEqual(numbers))
                {
                    _violations.Add($"{topic} has {lane.Key} in the order {string.Join(", ", numbers)}");
                }
            }
        }
    }

    private Outcome.Retry Fail(Source source, Delivery delivery, Instance instance)
    {
        TimeSpan after = TimeSpan.FromMilliseconds(sim.Scheduler.Random.Next(3) * 400);
        source.Failures.Add((delivery.Attempt, sim.Scheduler.Time.Elapsed + after));
        if (!delivery.IsLastAttempt)
        {
            // The last attempt ends the record, and is made again as long as its end isn't committed.
            _unknown.Add((source, delivery.Attempt, instance, sim.Scheduler.Time.Elapsed));
        }

        return new Outcome.Retry(source.Fate, "", null, after);
    }

    private Source Find(SourceRecord record)
    {
        (int, long) id = (record.Partition.Partition, record.Offset);
        if (!_byOffset.TryGetValue(id, out Source? source))
        {
            _byOffset.Add(id, source = _sources[Source.Number(SimulatedStage.Text(record))]);
        }

        return source;
    }

    private sealed class Source(int number, int partition, string? key, string fate)
    {
        public int Partition { get; } = partition;

        public string Fate { get; } = fate;

        public string Value { get; } = $"{number}/{partition}/{key}/{fate}";

        public List<Source>? Lane { get; set; }

        public bool IsEnded { get; set; }

        public int? Receipt { get; set; }

        /// <summary>Failures that nobody may forget any more.</summary>
        public int KnownAttempts { get; set; }

        public List<(int Attempt, TimeSpan RetryAt)> Failures { get; } = [];

        public string Expected => Fate switch
        {
            "declined" => $"Rejection declined 1 {Value}",
            "hopeless" => $"Exhausted hopeless {AttemptsMax} {Value}",
            _ => $"{Value}/{Receipt}",
        };

        public static int Number(string text) => int.Parse(text.AsSpan(text.LastIndexOf(' ') + 1).ToString().Split('/')[0], null);
    }
}
