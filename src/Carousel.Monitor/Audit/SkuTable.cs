using Carousel.Orders;

namespace Carousel.Monitor.Audit;

/// <summary>Pieces per item, as the topics tell them.</summary>
internal sealed class SkuTable
{
    private readonly Dictionary<string, SkuUnits> _units = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, SkuUnits> All => _units;

    public SkuUnits this[string sku]
    {
        get
        {
            if (!_units.TryGetValue(sku, out SkuUnits? units))
            {
                _units.Add(sku, units = new SkuUnits(Digests.Of64(sku)));
            }

            return units;
        }
    }

    /// <summary>See <see cref="OrderState.Pieces"/>.</summary>
    public ulong Pieces(IReadOnlyList<OrderLine> lines)
    {
        ulong sum = 0;
        foreach (OrderLine line in lines)
        {
            sum += (ulong)line.Quantity * this[line.Sku].Digest;
        }

        return sum;
    }

    public ulong Pieces(IReadOnlyList<SkuQuantity> lines)
    {
        ulong sum = 0;
        foreach (SkuQuantity line in lines)
        {
            sum += (ulong)line.Quantity * this[line.Sku].Digest;
        }

        return sum;
    }
}

internal sealed class SkuUnits(ulong digest)
{
    public ulong Digest => digest;

    /// <summary>Pieces that should be reserved now.</summary>
    public long Reserved { get; set; }

    /// <summary>Pieces that should be sold now.</summary>
    public long Sold { get; set; }

    public bool HasStockRow { get; set; }
}
