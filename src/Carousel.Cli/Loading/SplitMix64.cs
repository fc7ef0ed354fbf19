namespace Carousel.Cli.Loading;

/// <summary>
/// Vigna's SplitMix64 (https://prng.di.unimi.it/splitmix64.c, public domain): the same numbers from the same seed on every version and machine, which
/// System.Random doesn't promise.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>A stream of its own for item <paramref name="index"/> of <paramref name="seed"/>.</summary>
    public static SplitMix64 For(ulong seed, ulong index) => new(new SplitMix64(new SplitMix64(seed).Next() ^ index).Next());

    public ulong Next()
    {
        ulong z = _state += Increment;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>At least 0, below 1, 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public int NextBelow(int bound) => (int)(((UInt128)Next() * (uint)bound) >> 64);
}
