using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Audit;

/// <summary>What the passes of one audit share. One pass at a time owns it.</summary>
internal sealed class AuditWork(CarouselTopics topics, OrderValues values, Snapshot snapshot, AuditOptions options)
{
    private readonly List<string> _currencies = [];

    public CarouselTopics Topics => topics;

    public OrderValues Values => values;

    public Snapshot Snapshot => snapshot;

    public OrderTable Orders { get; } = new();

    public DeadLetterTable Letters { get; } = new();

    public SkuTable Skus { get; } = new();

    public FindingLog Findings { get; } = new(options.ExamplesMax);

    /// <summary>What is wrong only if nothing was written meanwhile: ledger and database are read later than the topics.</summary>
    public FindingLog FindingsUnlessMoved { get; } = new(options.ExamplesMax);

    public NotEndedLog NotEnded { get; } = new(options.ExamplesMax);

    public AuditCounts Counts { get; } = new();

    public string CurrencyOf(in OrderState state) => _currencies[state.Currency];

    public short CurrencyIndex(string currency)
    {
        int index = _currencies.IndexOf(currency);
        if (index < 0)
        {
            index = _currencies.Count;
            _currencies.Add(currency);
        }

        return checked((short)index);
    }
}

/// <summary>Figures that are counted while reading.</summary>
internal sealed class AuditCounts
{
    public long Records { get; set; }

    public long NotOrders { get; set; }

    public long Conflicts { get; set; }

    public long Repeats { get; set; }

    public long Validated { get; set; }

    public long Fulfilled { get; set; }

    public long UnitsSold { get; set; }

    public long Declined { get; set; }

    public StockTotals Stock { get; set; } = new(0, 0, 0, 0, 0);

    public MoneyTally Charged { get; } = new();

    public MoneyTally Refunded { get; } = new();
}

internal sealed class MoneyTally
{
    private readonly SortedDictionary<string, MoneyCount> _counts = new(StringComparer.Ordinal);

    public IReadOnlyList<MoneyCount> Counts => [.. _counts.Values];

    public void Add(string currency, decimal amount)
    {
        MoneyCount known = _counts.GetValueOrDefault(currency) ?? new MoneyCount(currency, 0, 0);
        _counts[currency] = new MoneyCount(currency, known.Count + 1, known.Sum + amount);
    }
}

/// <summary>Counts what is still on its way, with a few examples.</summary>
internal sealed class NotEndedLog(int examplesMax)
{
    private readonly List<string> _examples = [];
    private long _validation;
    private long _fulfillment;
    private long _settlement;
    private long _parked;

    public NotEndedYet Result => new(_validation, _fulfillment, _settlement, _parked, _examples);

    public void AwaitsValidation(string what) => Add(ref _validation, what);

    public void AwaitsFulfillment(string what) => Add(ref _fulfillment, what);

    public void AwaitsSettlement(string what) => Add(ref _settlement, what);

    public void ParkedCharged(string what) => Add(ref _parked, what);

    private void Add(ref long count, string what)
    {
        count++;
        if (_examples.Count < examplesMax)
        {
            _examples.Add(what);
        }
    }
}
