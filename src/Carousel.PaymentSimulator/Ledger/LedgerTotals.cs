namespace Carousel.PaymentSimulator.Ledger;

internal sealed record Tally(long Count, decimal Sum)
{
    public static Tally Zero { get; } = new(0, 0m);

    public Tally Plus(decimal amount) => new(Count + 1, Sum + amount);
}

internal sealed record CurrencyTotals(string Currency, Tally Captured, Tally Declined, Tally Refunded);

/// <summary>Counts and sums per currency; written by the ledger's loop, read by anybody.</summary>
internal sealed class LedgerTotals
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, CurrencyTotals> _byCurrency = new(StringComparer.Ordinal);

    public void Add(LedgerEntry entry)
    {
        lock (_gate)
        {
            if (!_byCurrency.TryGetValue(entry.Currency, out var totals))
            {
                totals = new CurrencyTotals(entry.Currency, Tally.Zero, Tally.Zero, Tally.Zero);
            }

            _byCurrency[entry.Currency] = entry.Kind switch
            {
                LedgerEntryKind.Captured => totals with { Captured = totals.Captured.Plus(entry.Amount) },
                LedgerEntryKind.Declined => totals with { Declined = totals.Declined.Plus(entry.Amount) },
                _ => totals with { Refunded = totals.Refunded.Plus(entry.Amount) },
            };
        }
    }

    public IReadOnlyList<CurrencyTotals> Snapshot()
    {
        lock (_gate)
        {
            return [.. _byCurrency.Values];
        }
    }
}
