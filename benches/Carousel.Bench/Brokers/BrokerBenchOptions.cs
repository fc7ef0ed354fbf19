namespace Carousel.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Scale">All loads are multiplied by it: 1 takes about six minutes.</param>
/// <param name="Rounds">How often each pair takes its four turns.</param>
/// <param name="Soak">How long producers and a reader go at full speed while the memory is watched.</param>
/// <param name="Only">The measurements to make; empty for all.</param>
internal sealed record BrokerBenchOptions(double Scale, int Rounds, TimeSpan Soak, IReadOnlyCollection<BrokerMeasurement> Only)
{
    public int Scaled(int count) => Math.Max(1, (int)(count * Scale));

    public bool Includes(BrokerMeasurement measurement) => Only.Count == 0 || Only.Contains(measurement);
}

internal enum BrokerMeasurement
{
    Produce,
    Consume,
    Mirror,
    Latency,
    Start,
    Memory,
}
