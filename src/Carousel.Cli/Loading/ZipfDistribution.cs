namespace Carousel.Cli.Loading;

/// <summary>
/// Ranks 0 to n-1 with probability proportional to 1/(rank+1)^s, sampled by inverting the exact cumulative distribution: no approximation for any s,
/// 8 bytes per rank. With s = 0 every rank is as likely as another.
/// </summary>
internal sealed class ZipfDistribution
{
    private readonly double[] _cumulative;

    public ZipfDistribution(int count, double exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        _cumulative = new double[count];
        double sum = 0;
        for (int rank = 0; rank < count; rank++)
        {
            sum += Math.Pow(rank + 1, -exponent);
            _cumulative[rank] = sum;
        }
    }

    /// <param name="uniform">At least 0, below 1.</param>
    public int Rank(double uniform)
    {
        int found = Array.BinarySearch(_cumulative, uniform * _cumulative[^1]);

        // Found exactly: the value belongs to the next rank, since a rank's range excludes its upper end. Rounding may reach past the last one.
        return Math.Min(found >= 0 ? found + 1 : ~found, _cumulative.Length - 1);
    }
}
