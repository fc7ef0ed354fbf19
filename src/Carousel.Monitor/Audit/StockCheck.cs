namespace Carousel.Monitor.Audit;

/// <summary>Holds the stock rows against the pieces that the topics tell of.</summary>
internal sealed class StockCheck(AuditWork work)
{
    public void Take(StockEntry row)
    {
        StockTotals totals = work.Counts.Stock;
        work.Counts.Stock = new StockTotals(
            totals.Skus + 1, totals.Initial + row.Initial, totals.Available + row.Available, totals.Reserved + row.Reserved, totals.Sold + row.Sold);
        SkuUnits units = work.Skus[row.Sku];
        units.HasStockRow = true;
        if (row.Available < 0 || row.Reserved < 0 || row.Sold < 0)
        {
            Report(FindingKind.StockNegative, row, "a count is below zero");
        }

        if (row.Initial != row.Available + row.Reserved + row.Sold)
        {
            Report(FindingKind.StockUnbalanced, row, $"they add up to {row.Available + row.Reserved + row.Sold}");
        }

        if (row.Sold != units.Sold)
        {
            Report(FindingKind.SoldUnitsDiffer, row, $"{units.Sold} were sold by the orders fulfilled");
        }

        if (row.Reserved != units.Reserved)
        {
            Report(FindingKind.ReservedUnitsDiffer, row, $"{units.Reserved} are held by orders on their way");
        }
    }

    public void End()
    {
        foreach ((string sku, SkuUnits units) in work.Skus.All)
        {
            if (!units.HasStockRow && (units.Sold != 0 || units.Reserved != 0))
            {
                work.Findings.Add(FindingKind.StockRowMissing, $"Item {sku} has no stock row, and orders sold {units.Sold} and hold {units.Reserved} of it.");
            }
        }
    }

    private void Report(FindingKind kind, StockEntry row, string what) => work.Findings.Add(
        kind, $"Item {row.Sku}: initial {row.Initial}, available {row.Available}, reserved {row.Reserved}, sold {row.Sold}; {what}.");
}
