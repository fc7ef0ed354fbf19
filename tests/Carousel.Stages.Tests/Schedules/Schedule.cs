using System.Globalization;
using System.Text;
using Carousel.Stages.Log;
using Carousel.Stages.Progress;
using Carousel.Stages.Tests.Simulation;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>
/// One run of a group of stages, all of it made from a seed: records with retries and declines, instances that come, go and are expelled, failures of the
/// log, and the first instance's death at a step of it. Whoever takes over goes on to the end, and the model compares.
/// </summary>
internal sealed class Schedule
{
    private static readonly string[] Fates = ["ok", "ok", "ok", "ok", "late", "stubborn", "declined", "hopeless"];
    private static readonly string[] BatchFates = ["ok", "ok", "declined"];
    private readonly int _step;
    private readonly Mutant? _mutant;
    private readonly SimulatedStage _sim;
    private readonly SequentialModel _model;
    private readonly List<Instance> _instances = [];
    private readonly double _failureRate;
    private readonly double _lateRate;
    private readonly bool _batches;
    private readonly List<string> _told = [];
    private Task _events = Task.CompletedTask;

    public Schedule(int seed, int step, Mutant? mutant = null, ILogger? logger = null)
    {
        var random = new Random(seed);
        (_step, _mutant) = (step, mutant);
        _sim = new SimulatedStage(random.Next(1, 4), seed) { Logger = logger ?? NullLogger.Instance };
        _sim.Options.TransactionRecordsMax = random.Next(1, 12);
        _sim.Options.BatchRecordsMax = random.Next(1, 12);
        _sim.Options.Retry.AttemptsMax = SequentialModel.AttemptsMax;
        _sim.Options.WindowRecordsMax = random.Next(5, 50);
        _sim.Options.RevokeDrainMax = TimeSpan.FromMilliseconds(random.Next(100, 2_000));
        _sim.Options.StaticMembership = random.Next(4) == 0;
        _failureRate = random.Next(3) * 0.02;
        _lateRate = random.Next(3) * 0.05;
        _batches = random.Next(4) == 0 && mutant?.NeedsLanes != true;
        _model = new SequentialModel(_sim);
    }

    /// <summary>How to see a failure again.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{_sim.Scheduler.Seed}:{_step}");

    /// <summary>Runs to the end.</summary>
    /// <returns>What went wrong; empty when nothing did. Whether the first instance died before.</returns>
    public (IReadOnlyList<string> Violations, bool Stopped) Run()
    {
        Random random = _sim.Scheduler.Random;
        WriteForeignProgress();
        WriteRecords(random.Next(8, 24));
        Instance first = Start("0", _step);
        _events = _sim.Scheduler.Under(() => DisturbAsync());
        try
        {
            RunUntil("the first instance stops or all is done", () => first.IsDead || IsDone());
            if (first.IsDead)
            {
                Replace(first);
            }

            RunUntil("all is done", IsDone);

            // The dead one's transaction hides what was written after it until the log gives it up.
            _sim.Scheduler.RunFor(_sim.Log.TransactionTimeout + TimeSpan.FromSeconds(1));
        }
        catch (Exception e) when (e is TimeoutException or LogException or InvalidOperationException)
        {
            return ([.. _model.Violations, e.Message], first.IsDead);
        }

        _model.Check();
        return (_model.Violations, first.IsDead);
    }

    public string Describe() => $"partitions {_sim.PartitionCount}, batches {_batches}, static {_sim.Options.StaticMembership}, failures {_failureRate}, "
        + $"late commits {_lateRate}, transactions of {_sim.Options.TransactionRecordsMax}, window {_sim.Options.WindowRecordsMax}; {string.Join("; ", _told)}";

    private bool IsDone() => _events.IsCompleted && _sim.IsConsumed();

    private void RunUntil(string what, Func<bool> condition)
    {
        _sim.Scheduler.RunUntil(
            what, () => condition() || _model.Violations.Count > 0 || _instances.Exists(instance => instance.Running!.Task.IsFaulted) || _events.IsFaulted, Positions);
        _instances.FirstOrDefault(instance => instance.Running!.Task.IsFaulted)?.Running!.Task.GetAwaiter().GetResult();
        if (_events.IsFaulted)
        {
            _events.GetAwaiter().GetResult();
        }
    }

    private string Positions() => string.Join(
        ", ", Enumerable.Range(0, _sim.PartitionCount).Select(i => $"{In(i)} at {_sim.Log.CommittedOffset(Group, In(i))} of {_sim.Log.EndOffset(In(i))}"));

    /// <summary>A dead process is noticed by the group at some time: before its replacement comes, or after.</summary>
    private void Replace(Instance dead)
    {
        Tell($"instance {dead.Slot} dies");
        Random random = _sim.Scheduler.Random;

        // A poll that is under way in the log itself comes to its end, unheard; else it would join the group again on the dead one's behalf.
        _sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(200));
        bool early = random.Next(2) == 0;
        if (early)
        {
            _sim.Log.ExpelMember(Group, dead.MemberId!);
        }

        Start(random.Next(2) == 0 ? dead.Slot : "2", int.MaxValue);
        if (!early)
        {
            _sim.Scheduler.RunFor(TimeSpan.FromMilliseconds(random.Next(3_000)));
            _sim.Log.ExpelMember(Group, dead.MemberId!);
        }
    }

    /// <summary>What happens to the group while it works.</summary>
    private async Task DisturbAsync()
    {
        Random random = _sim.Scheduler.Random;
        Instance? second = null;
        for (int i = random.Next(5); i > 0; i--)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1_500)), _sim.Scheduler.Time);
            switch (random.Next(5))
            {
                case 0:
                    _sim.Log.Compact(ProgressTopic);
                    break;
                case 1:
                    WriteRecords(random.Next(1, 8));
                    break;
                case 2 when second is null:
                    second = Start("1", int.MaxValue);
                    break;
                case 3 when second is not null && !_sim.Options.StaticMembership:
                    await StopAsync(second);
                    second = null;
                    break;
                case 4:
                    Expel(_instances[random.Next(_instances.Count)]);
                    break;
                default:
                    break;
            }
        }

        if (second is not null && !_sim.Options.StaticMembership)
        {
            await StopAsync(second);
        }
    }

    private void Expel(Instance instance)
    {
        Tell($"instance {instance.Slot} is expelled");
        instance.IsSuspect = true;
        _sim.Log.ExpelMember(Group, instance.MemberId!);
    }

    private async Task StopAsync(Instance instance)
    {
        Tell($"instance {instance.Slot} is stopped");
        instance.Running!.Stop.Cancel();
        await instance.Running.Task;
        Tell($"instance {instance.Slot} has stopped");
    }

    private Instance Start(string slot, int steps)
    {
        Tell($"instance {slot} starts");
        var instance = new Instance(slot, new StopAfter(steps, _sim.Scheduler, _failureRate)) { Model = _model };
        IStageLog port = instance.Port(_sim.Log, _sim.Scheduler, _lateRate);
        _sim.Port = _mutant?.Wrap(port, _sim) ?? port;
        _sim.Dispatcher = _mutant?.Dispatcher;
        instance.Running = _batches
            ? _sim.StartBatches((records, cancellationToken) => HandleAsync(instance, records, cancellationToken), slot)
            : _sim.Start((delivery, cancellationToken) => HandleAsync(instance, delivery, cancellationToken), slot);
        _instances.Add(instance);
        return instance;
    }

    private async Task<Outcome> HandleAsync(Instance instance, Delivery delivery, CancellationToken cancellationToken)
    {
        await LiveAsync(instance);
        Random random = _sim.Scheduler.Random;
        _model.OnCalled(delivery, instance);
        if (random.Next(2) == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300)), _sim.Scheduler.Time, cancellationToken);
            await LiveAsync(instance);
        }

        return random.Next(25) == 0 ? new Outcome.Unavailable("payments", "away") : _model.Decide(delivery, instance);
    }

    private async Task<IReadOnlyList<Outcome>> HandleAsync(Instance instance, IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        await LiveAsync(instance);
        await Task.Delay(TimeSpan.FromMilliseconds(_sim.Scheduler.Random.Next(30)), _sim.Scheduler.Time, cancellationToken);
        await LiveAsync(instance);
        if (_sim.Scheduler.Random.Next(10) == 0)
        {
            throw new DependencyUnavailableException("database", "away");
        }

        var outcomes = new List<Outcome>();
        foreach (SourceRecord record in records)
        {
            var delivery = new Delivery(record, 1, TimeSpan.Zero, IsLastAttempt: false);
            _model.OnCalled(delivery, instance);
            outcomes.Add(_model.Decide(delivery, instance));
        }

        return outcomes;
    }

    private static async Task LiveAsync(Instance instance)
    {
        if (instance.IsDead)
        {
            await instance.Forever;
        }
    }

    /// <summary>Some of them in transactions, which leave markers and aborted records between those that are read.</summary>
    private void WriteRecords(int count)
    {
        Random random = _sim.Scheduler.Random;
        string[] fates = _batches ? BatchFates : Fates;
        for (int i = 0; i < count; i++)
        {
            int partition = random.Next(_sim.PartitionCount);
            if (random.Next(10) == 0)
            {
                WriteAborted(partition);
            }

            int key = random.Next(4);
            _sim.Log.Append(_model.Make(partition, key == 0 ? null : $"key-{key}", fates[random.Next(fates.Length)]));
        }
    }

    private void WriteAborted(int partition)
    {
        IStageProducer feeder = _sim.Log.OpenProducerAsync("feeder", CancellationToken.None).GetAwaiter().GetResult();
        feeder.BeginAsync().GetAwaiter().GetResult();
        feeder.Send(new OutputRecord("in", partition, [1], [1], []));
        _ = _sim.Log.OpenProducerAsync("feeder", CancellationToken.None);

        // A stage commits the offset after the last record that it read, so there has to be one behind.
        _sim.Log.Append(_model.Make(partition, "key-1", "ok"));
    }

    /// <summary>Groups share the progress topic: what others wrote there has another key, and would do harm if it were taken for ours.</summary>
    private void WriteForeignProgress()
    {
        for (int partition = 0; partition < _sim.PartitionCount; partition++)
        {
            byte[] value = ProgressFormat.Write(new PartitionProgress(
                0, DateTime.UnixEpoch, [new OffsetRun(1, 6)], []));
            _sim.Log.Append(new OutputRecord(ProgressTopic, partition, Encoding.UTF8.GetBytes($"other/in/{partition}"), value, []));
        }
    }

    private void Tell(string what) => _told.Add($"{_sim.Scheduler.Time.Elapsed.TotalSeconds:0.000} {what}");
}
