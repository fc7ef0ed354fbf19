using Carousel.Stages.Log;
using Carousel.Stages.Tests.Simulation;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>A log between a stage and its real one that does some things wrong; each hook left out does them right.</summary>
internal sealed class MutantLog(IStageLog inner) : DelegatingLog(inner)
{
    /// <summary>A producer goes on to be used until it has failed.</summary>
    public bool KeepsProducers { get; init; }

    /// <summary>What is read of the progress topic, and how.</summary>
    public Func<Func<Task<List<SourceRecord>>>, Task<List<SourceRecord>>> Reading { get; init; } = read => read();

    public Func<Func<Task<IReadOnlyDictionary<SourcePartition, long?>>>, Task<IReadOnlyDictionary<SourcePartition, long?>>> Committed { get; init; } = ask => ask();

    public Func<IReadOnlyList<SourceRecord>, IReadOnlyList<SourceRecord>> Polled { get; init; } = records => records;

    public Func<IAssignmentListener, IAssignmentListener> Listener { get; init; } = listener => listener;

    /// <summary>Null: the record isn't sent.</summary>
    public Func<OutputRecord, OutputRecord?> Sent { get; init; } = record => record;

    public Func<List<OutputRecord>, List<OutputRecord>>? SentTogether { get; init; }

    public Func<IReadOnlyDictionary<SourcePartition, long>, IReadOnlyDictionary<SourcePartition, long>> Offsets { get; init; } = offsets => offsets;

    public bool MembershipIsAskedLate { get; init; }

    public Func<Func<Task>, Task> Commit { get; init; } = commit => commit();

    /// <summary>The parts of a transaction, in the transactions into which it falls.</summary>
    public Part[][]? Split { get; init; }

    private IStageConsumer? Consumer { get; set; }

    private MutantProducer? Kept { get; set; }

    public override IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) =>
        Consumer = new MutantConsumer(base.Join(subscription, Listener(listener)), this);

    public override async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken)
    {
        if (KeepsProducers && Kept is { HasFailed: false } kept)
        {
            return kept;
        }

        MutantProducer producer = Kept = new MutantProducer(await base.OpenProducerAsync(transactionalId, cancellationToken), this);
        return Split is null ? producer : new SplitProducer(producer, Split, record => record.Topic == SimulatedStage.ProgressTopic);
    }

    public override async Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken)
    {
        List<SourceRecord> records = await Reading(async () =>
        {
            var read = new List<SourceRecord>();
            await base.ReadToEndAsync(partitions, read.Add, cancellationToken);
            return read;
        });
        records.FindAll(record => partitions.Contains(record.Partition)).ForEach(onRecord);
    }

    private sealed class MutantConsumer(IStageConsumer inner, MutantLog log) : DelegatingConsumer(inner)
    {
        public override async Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout) => log.Polled(await Inner.PollAsync(timeout));

        public override Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions) =>
            log.Committed(() => Inner.CommittedAsync(partitions));
    }

    private sealed class MutantProducer(IStageProducer inner, MutantLog log) : DelegatingProducer(inner)
    {
        private readonly List<OutputRecord> _together = [];

        public override void Send(OutputRecord record)
        {
            if (log.Sent(record) is not { } sent)
            {
                return;
            }

            if (log.SentTogether is null)
            {
                Inner.Send(sent);
            }
            else
            {
                _together.Add(sent);
            }
        }

        public bool HasFailed { get; private set; }

        public override Task BeginAsync() => WatchAsync(Inner.BeginAsync);

        public override Task FlushAsync()
        {
            log.SentTogether?.Invoke(_together).ForEach(Inner.Send);
            _together.Clear();
            return WatchAsync(Inner.FlushAsync);
        }

        public override Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership) => WatchAsync(async () =>
            await Inner.SendOffsetsAsync(log.Offsets(offsets), log.MembershipIsAskedLate ? await log.Consumer!.MembershipAsync() : membership));

        public override Task CommitAsync() => WatchAsync(() => log.Commit(Inner.CommitAsync));

        public override ValueTask DisposeAsync() => log.KeepsProducers && !HasFailed ? ValueTask.CompletedTask : base.DisposeAsync();

        private async Task WatchAsync(Func<Task> call)
        {
            HasFailed = true;
            await call();
            HasFailed = false;
        }
    }
}

/// <summary>What a transaction of a stage is made of.</summary>
internal enum Part
{
    Outputs,
    Progress,
    Offsets,
}

/// <summary>Makes several transactions of one: what should be all or nothing can end in between.</summary>
internal sealed class SplitProducer(IStageProducer inner, Part[][] transactions, Func<OutputRecord, bool> isProgress) : DelegatingProducer(inner)
{
    private readonly List<OutputRecord> _records = [];
    private IReadOnlyDictionary<SourcePartition, long>? _offsets;
    private IGroupMembership? _membership;

    public override Task BeginAsync()
    {
        _records.Clear();
        return Task.CompletedTask;
    }

    public override void Send(OutputRecord record) => _records.Add(record);

    public override Task FlushAsync() => Task.CompletedTask;

    public override Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership)
    {
        (_offsets, _membership) = (offsets, membership);
        return Task.CompletedTask;
    }

    public override async Task CommitAsync()
    {
        foreach (Part[] parts in transactions)
        {
            await Inner.BeginAsync();
            _records.FindAll(record => parts.Contains(isProgress(record) ? Part.Progress : Part.Outputs)).ForEach(Inner.Send);
            await Inner.FlushAsync();
            if (parts.Contains(Part.Offsets))
            {
                await Inner.SendOffsetsAsync(_offsets!, _membership!);
            }

            await Inner.CommitAsync();
        }
    }
}
