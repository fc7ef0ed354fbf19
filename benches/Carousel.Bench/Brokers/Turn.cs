namespace Carousel.Bench;

/// <summary>What a broker did in one turn.</summary>
/// <param name="BrokerCpu">Processor time of the broker's process meanwhile.</param>
internal sealed record Turn(long Records, long Bytes, TimeSpan Elapsed, TimeSpan BrokerCpu)
{
    public const double Megabyte = 1e6;

    public double RecordsPerSecond => Records / Elapsed.TotalSeconds;

    public double MegabytesPerSecond => Bytes / Megabyte / Elapsed.TotalSeconds;

    public double CpuMillisecondsPerMegabyte => BrokerCpu.TotalMilliseconds / (Bytes / Megabyte);

    /// <summary>Several turns taken for one.</summary>
    public static Turn Sum(IReadOnlyCollection<Turn> turns) => new(
        turns.Sum(turn => turn.Records),
        turns.Sum(turn => turn.Bytes),
        TimeSpan.FromTicks(turns.Sum(turn => turn.Elapsed.Ticks)),
        TimeSpan.FromTicks(turns.Sum(turn => turn.BrokerCpu.Ticks)));
}
