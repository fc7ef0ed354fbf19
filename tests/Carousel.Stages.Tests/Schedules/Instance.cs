using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>One process that runs the stage: its own way to the log, and its own death.</summary>
internal sealed class Instance(string slot, StopAfter faults)
{
    private InMemoryConsumer? _consumer;

    public string Slot { get; } = slot;

    public bool IsDead => faults.IsStopped;

    /// <summary>It was expelled some time, and may not have heard of it: what it does then proves nothing.</summary>
    public bool IsSuspect { get; set; }

    public RunningStage? Running { get; set; }

    public string? MemberId => _consumer?.MemberId;

    /// <summary>Nothing that it has started can be waited for once it is dead.</summary>
    public Task Forever { get; } = new TaskCompletionSource().Task;

    public required SequentialModel Model { get; init; }

    public IStageLog Port(InMemoryLog log, Scheduler scheduler, double lateRate) =>
        new InterceptedLog(new Capturing(new LateLog(log, scheduler, lateRate), this, scheduler.Time), faults);

    private sealed class Capturing(LateLog log, Instance instance, SimulatedTime time) : DelegatingLog(log)
    {
        public override async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
            new Producer(await base.OpenProducerAsync(transactionalId, cancellationToken), instance, time);

        public override IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener)
        {
            IStageConsumer consumer = base.Join(subscription, new Listener(listener, instance));
            instance._consumer = (InMemoryConsumer)consumer;
            return consumer;
        }
    }

    private sealed class Listener(IAssignmentListener inner, Instance instance) : DelegatingListener(inner)
    {
        public override void OnAssigned(IReadOnlyCollection<SourcePartition> partitions)
        {
            instance.Model.OnAssigned(instance, partitions);
            base.OnAssigned(partitions);
        }
    }

    private sealed class Producer(IStageProducer inner, Instance instance, SimulatedTime time) : DelegatingProducer(inner)
    {
        private TimeSpan _begun;
        private IEnumerable<SourcePartition> _partitions = [];

        public override Task BeginAsync()
        {
            _begun = time.Elapsed;
            return Inner.BeginAsync();
        }

        public override Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership)
        {
            _partitions = offsets.Keys;
            return Inner.SendOffsetsAsync(offsets, membership);
        }

        public override async Task CommitAsync()
        {
            await Inner.CommitAsync();
            instance.Model.OnCommitted(instance, _partitions, _begun);
        }
    }
}
