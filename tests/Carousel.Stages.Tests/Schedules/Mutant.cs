using Carousel.Stages.Engine;
using Carousel.Stages.Log;
using Carousel.Stages.Tests.Simulation;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>
/// A deliberate bug. It stands where the engine meets its log or its dispatcher, and makes a sound engine behave as if the bug were in it.
/// </summary>
/// <param name="Log">What the engine gets as its log.</param>
/// <param name="Dispatcher">What it gets as its lanes.</param>
internal sealed record Mutant(
    string Name,
    Func<IStageLog, SimulatedStage, IStageLog>? Log = null,
    Func<IRecordHandler, Finisher, Circuit, StageContext, IDispatcher>? Dispatcher = null)
{
    /// <summary>Batches have neither lanes nor retries.</summary>
    public bool NeedsLanes => Dispatcher is not null;

    public IStageLog Wrap(IStageLog log, SimulatedStage sim) => Log?.Invoke(log, sim) ?? log;

    public override string ToString() => Name;
}
