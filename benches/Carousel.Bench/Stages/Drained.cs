namespace Carousel.Bench;

/// <summary>Orders that waited, worked off by two stages that were started for it.</summary>
/// <param name="FromStart">From the start of the processes until the last order was seen as fulfilled.</param>
/// <param name="Steady">From the first tenth of the orders to the ninth.</param>
/// <param name="Cpu">Processor time of validation, settlement and fulfillment from their start, compilation of their code included.</param>
/// <param name="SteadyCpu">The same, from the first tenth to the ninth.</param>
/// <param name="PeakMemoryBytes">Of both processes together.</param>
internal sealed record Drained(int Orders, TimeSpan FromStart, TimeSpan Steady, TimeSpan Cpu, TimeSpan SteadyCpu, long PeakMemoryBytes)
{
    /// <summary>What lies between the two tenths, as a part of all.</summary>
    private const double SteadyPart = 0.8;

    public double OrdersPerSecond => Orders / FromStart.TotalSeconds;

    public double SteadyOrdersPerSecond => SteadyPart * Orders / Steady.TotalSeconds;

    public double CpuMicroseconds => Cpu.TotalMicroseconds / Orders;

    public double SteadyCpuMicroseconds => SteadyCpu.TotalMicroseconds / (SteadyPart * Orders);

    /// <summary>Several turns taken for one.</summary>
    public static Drained Sum(IReadOnlyCollection<Drained> turns) => new(
        turns.Sum(turn => turn.Orders),
        Sum(turns, turn => turn.FromStart),
        Sum(turns, turn => turn.Steady),
        Sum(turns, turn => turn.Cpu),
        Sum(turns, turn => turn.SteadyCpu),
        turns.Max(turn => turn.PeakMemoryBytes));

    private static TimeSpan Sum(IReadOnlyCollection<Drained> turns, Func<Drained, TimeSpan> part) => TimeSpan.FromTicks(turns.Sum(turn => part(turn).Ticks));
}
