namespace Carousel.PaymentSimulator.Faults;

/// <summary>Chance from a seed: SplitMix64, whose state is a plain counter, so every request has its own stream without a lock.</summary>
internal ref struct FaultDraws(long seed, long requestNumber)
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private ulong _state = Mix((ulong)seed) ^ Mix((ulong)requestNumber * Golden);

    public bool Happens(double rate) => rate > 0 && Next() < rate;

    /// <summary>From 0, below 1.</summary>
    public double Next() => ToUnit(Mix(_state += Golden));

    public TimeSpan Latency(LatencySettings settings)
    {
        switch (settings.Distribution)
        {
            case LatencyDistribution.None:
                return TimeSpan.Zero;
            case LatencyDistribution.Fixed:
                return TimeSpan.FromMilliseconds(settings.MedianMs);
            default:
                // Box and Muller's way to a normally distributed number.
                var normal = Math.Sqrt(-2 * Math.Log(1 - Next())) * Math.Cos(2 * Math.PI * Next());
                return TimeSpan.FromMilliseconds(Math.Min(settings.MedianMs * Math.Exp(settings.Sigma * normal), 60_000));
        }
    }

    /// <summary>The same reference under the same seed gives the same answer for ever.</summary>
    public static bool IsDeclined(long seed, UInt128 reference, double rate) =>
        rate > 0 && ToUnit(Mix((ulong)seed * Golden ^ (ulong)reference)) < rate;

    private static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }
}
