using System.Runtime.InteropServices;
using Carousel.Orders;

namespace Carousel.Validation.Reservations;

/// <summary>A sound order, as one record brings it, that is to be decided.</summary>
internal sealed record OrderCandidate(Order Order, byte[] Fingerprint, RecordPosition Source, string? Client, IReadOnlyList<ReservedItem> Items)
{
    /// <summary>The pieces of each item over all lines, in the order in which the lines first name them.</summary>
    public static IReadOnlyList<ReservedItem> SumLines(IReadOnlyList<OrderLine> lines)
    {
        var items = new List<ReservedItem>(lines.Count);
        var places = new Dictionary<string, int>(lines.Count, StringComparer.Ordinal);
        foreach (OrderLine line in lines)
        {
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, line.Sku, out bool known);
            if (known)
            {
                items[place] = items[place] with { Quantity = items[place].Quantity + line.Quantity };
            }
            else
            {
                place = items.Count;
                items.Add(new ReservedItem(line.Sku, line.Quantity));
            }
        }

        return items;
    }
}
