using System.Text.Json;
using Carousel.PaymentSimulator.Ledger;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>The ledger for the auditor; no faults befall it.</summary>
internal sealed class LedgerApi(ChargeLedger ledger)
{
    private const int EntriesPerFlush = 500;

    /// <summary>Every entry that is on disk when the request arrives, in ledger order, one JSON object per line.</summary>
    public async Task StreamAsync(HttpContext context)
    {
        var count = ledger.Count;
        var body = context.Response.BodyWriter;
        context.Response.ContentType = "application/x-ndjson";
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            EntryJson.WriteLine(body, ledger.Instance, ledger.Read(ordinal));
            body.GetSpan(1)[0] = (byte)'\n';
            body.Advance(1);
            if (ordinal % EntriesPerFlush == EntriesPerFlush - 1)
            {
                await body.FlushAsync(context.RequestAborted);
            }
        }
    }

    public Task SummaryAsync(HttpContext context)
    {
        var currencies = ledger.Totals.Snapshot().Select(static totals => new CurrencyView(
            totals.Currency, View(totals.Captured), View(totals.Declined), View(totals.Refunded)));
        var summary = new SummaryView(ledger.Count, ledger.DuplicatesPrevented, [.. currencies]);
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, summary, ApiJson.Default.SummaryView, context.RequestAborted);
    }

    private static TallyView View(Tally tally) => new(tally.Count, EntryJson.Money(tally.Sum));
}
