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

    public IStageLog Port(InMemoryLog log, Scheduler scheduler, double lateRate) =>
        new InterceptedLog(new LateLog(new Capturing(log, this), scheduler, lateRate), faults);

    private sealed class Capturing(InMemoryLog log, Instance instance) : DelegatingLog(log)
    {
        public override IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener)
        {
            IStageConsumer consumer = base.Join(subscription, listener);
            instance._consumer = (InMemoryConsumer)consumer;
            return consumer;
        }
    }
}
