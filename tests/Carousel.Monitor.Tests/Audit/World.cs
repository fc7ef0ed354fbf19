using System.Runtime.CompilerServices;
using System.Text;
using Carousel.Monitor.Audit;
using Carousel.Orders;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Tests.Audit;

/// <summary>
/// A pipeline's whole outside, in memory: topics, committed offsets, ledger, database. <see cref="CleanAsync"/> fills it as an undisturbed run would;
/// a test then breaks one thing. Records of a customer go to one partition, as in the topics.
/// </summary>
internal sealed class World : IAuditLog, IPaymentLedger, IBooks, IBooksSnapshot
{
    public const int Partitions = 3;
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly Dictionary<(string Topic, int Partition), List<AuditRecord>> _records = [];
    private readonly Dictionary<(string Topic, int Partition), long> _beginnings = [];
    private readonly Dictionary<(string Group, string Topic, int Partition), long> _committed = [];

    public CarouselTopics Topics { get; } = new();

    public FakeRegistry Registry { get; } = new();

    public OrderValues Values => field ??= new OrderValues(Topics, Registry);

    public List<LedgerEntry> Ledger { get; } = [];

    public Dictionary<string, ReservationEntry> Reservations { get; } = [];

    public Dictionary<string, StockEntry> Stock { get; } = [];

    /// <summary>Called when the audit turns to the ledger: what is written now is behind its snapshot.</summary>
    public Func<Task>? WhenLedgerIsRead { get; set; }

    public static Order NewOrder(string id, string customer, int quantity = 2, decimal price = 2.55m) => new(
        OrderId.Parse(id),
        customer,
        OrderStatus.Created,
        "GBP",
        OrderRules.Total([new OrderLine("sku-a", quantity, price), new OrderLine("sku-b", 1, 1m)]),
        [new OrderLine("sku-a", quantity, price), new OrderLine("sku-b", 1, 1m)],
        "tok_1",
        Noon);

    /// <summary>Two customers with two fulfilled orders each, and one of each other end: all of them ended, settled and paid.</summary>
    public static async Task<World> CleanAsync()
    {
        var world = new World();
        world.Stock["sku-a"] = new StockEntry("sku-a", 1000, 1000, 0, 0);
        world.Stock["sku-b"] = new StockEntry("sku-b", 1000, 1000, 0, 0);
        foreach (string id in (string[])["ord-1", "ord-2", "ord-3", "ord-4"])
        {
            await world.FulfillAsync(NewOrder(id, id is "ord-1" or "ord-3" ? "cust-1" : "cust-2"));
        }

        await world.RejectByValidationAsync(NewOrder("ord-rejected", "guest"), DeadLetterReasons.UnknownCustomer);
        await world.RejectByFulfillmentAsync(NewOrder("ord-declined", "cust-1"), DeadLetterReasons.PaymentDeclined);
        await world.DefectAsync("cust-2"u8.ToArray(), [9, 9, 9], DeadLetterReasons.Malformed);
        await world.DefectAsync(null, null, DeadLetterReasons.Malformed);
        world.CommitAll();
        return world;
    }

    public async Task FulfillAsync(Order order)
    {
        LogPosition accepted = await AcceptAsync(order);
        _ = accepted;
        await ValidateAsync(order);
        Charge(order, $"ch_{order.OrderId}");
        await WriteFulfilledAsync(order, $"ch_{order.OrderId}");
        Settle(order, ReservationState.Sold);
    }

    public async Task<LogPosition> AcceptAsync(Order order, int? partition = null) =>
        Write(Topics.Orders, order.CustomerId, await Values.Orders.EncodeAsync(order, default), partition);

    /// <summary>Validation's whole doing: the record, the reservation, the stock.</summary>
    public async Task<LogPosition> ValidateAsync(Order order)
    {
        Settle(order, ReservationState.Reserved);
        return await WriteValidatedAsync(order);
    }

    public async Task<LogPosition> WriteValidatedAsync(Order order) => Write(
        Topics.OrdersValidated,
        order.CustomerId,
        await Values.Validated.EncodeAsync(new ValidatedOrder(order with { Status = OrderStatus.Validated }, Noon), default));

    public async Task<LogPosition> WriteFulfilledAsync(Order order, string paymentId, decimal? amount = null) => Write(
        Topics.OrdersFulfilled,
        order.CustomerId,
        await Values.Fulfilled.EncodeAsync(
            new FulfilledOrder(
                order with { Status = OrderStatus.Fulfilled }, Noon, new Payment(paymentId, amount ?? order.Amount, order.Currency, Noon), Noon),
            default));

    public async Task RejectByValidationAsync(Order order, string reason)
    {
        LogPosition accepted = await AcceptAsync(order);
        await WriteDeadLetterAsync(accepted, DeadLetterCategory.Rejection, reason, order.OrderId.ToString());
        Reservations[order.OrderId.ToString()] = new ReservationEntry(order.OrderId.ToString(), ReservationState.Rejected, reason, order.Amount, "GBP", [], null);
    }

    public async Task RejectByFulfillmentAsync(Order order, string reason)
    {
        await AcceptAsync(order);
        LogPosition validated = await ValidateAsync(order);
        Ledger.Add(Entry(order, $"ch_{order.OrderId}", LedgerStatus.Declined));
        await WriteDeadLetterAsync(validated, DeadLetterCategory.Rejection, reason, order.OrderId.ToString());
        Settle(order, ReservationState.Released);
    }

    public async Task DefectAsync(byte[]? key, byte[]? value, string reason)
    {
        LogPosition source = Write(Topics.Orders, key, value, 1);
        await WriteDeadLetterAsync(source, DeadLetterCategory.Defect, reason, null);
    }

    public async Task<LogPosition> WriteDeadLetterAsync(
        LogPosition source, DeadLetterCategory category, string reason, string? orderId, byte[]? otherValue = null)
    {
        AuditRecord record = _records.GetValueOrDefault((source.Topic, source.Partition))?.FirstOrDefault(found => found.Offset == source.Offset) ?? default;
        var letter = new DeadLetter(
            source.Topic == Topics.Orders ? "validation" : "fulfillment",
            category,
            reason,
            "detail",
            orderId,
            1,
            Noon,
            source.Topic,
            source.Partition,
            source.Offset,
            Noon,
            record.Key,
            otherValue ?? record.Value,
            []);
        return Write(Topics.OrdersDeadLetters, record.Key, await Values.DeadLetters.EncodeAsync(letter, default), source.Partition);
    }

    public LogPosition Write(string topic, string key, byte[]? value, int? partition = null) =>
        Write(topic, Encoding.UTF8.GetBytes(key), value, partition ?? key[^1] % Partitions);

    public LogPosition Write(string topic, byte[]? key, byte[]? value, int partition)
    {
        List<AuditRecord> records = Records(topic, partition);

        // Offsets have gaps, as transaction markers leave them.
        long offset = records.Count == 0 ? 0 : records[^1].Offset + 2;
        records.Add(new AuditRecord(partition, offset, key, value));
        return new LogPosition(topic, partition, offset);
    }

    public List<AuditRecord> Records(string topic, int partition)
    {
        if (!_records.TryGetValue((topic, partition), out List<AuditRecord>? records))
        {
            _records.Add((topic, partition), records = []);
        }

        return records;
    }

    public void Charge(Order order, string paymentId, decimal? amount = null) => Ledger.Add(Entry(order, paymentId, LedgerStatus.Captured, amount));

    public static LedgerEntry Entry(Order order, string paymentId, LedgerStatus status, decimal? amount = null) =>
        new(paymentId, $"{order.OrderId}:charge:1", order.OrderId.ToString(), amount ?? order.Amount, order.Currency, status, Noon);

    /// <summary>Puts the reservation into a state, and the stock with it.</summary>
    public void Settle(Order order, ReservationState state)
    {
        string id = order.OrderId.ToString();
        ReservationState? before = Reservations.TryGetValue(id, out ReservationEntry? known) ? known.State : null;
        foreach (OrderLine line in order.Lines)
        {
            StockEntry row = Stock[line.Sku];
            Stock[line.Sku] = Add(Add(row, before, -line.Quantity), state, line.Quantity);
        }

        Reservations[id] = new ReservationEntry(
            id,
            state,
            null,
            order.Amount,
            order.Currency,
            [.. order.Lines.Select(line => new SkuQuantity(line.Sku, line.Quantity))],
            state == ReservationState.Sold ? $"ch_{id}" : null);
    }

    /// <summary>Every stage has gone past everything.</summary>
    public void CommitAll()
    {
        foreach ((string group, string topic) in Consumptions())
        {
            for (int partition = 0; partition < Partitions; partition++)
            {
                Commit(group, topic, partition, End(topic, partition));
            }
        }
    }

    public void Commit(string group, string topic, int partition, long offset) => _committed[(group, topic, partition)] = offset;

    public void Forget(string topic, int partition, long before)
    {
        _beginnings[(topic, partition)] = before;
        Records(topic, partition).RemoveAll(record => record.Offset < before);
    }

    public Task<AuditReport> AuditAsync() =>
        new Auditor(new AuditSources(this, this, this), Values, Topics, new AuditOptions { ExamplesMax = 2 }).RunAsync(null, CancellationToken.None);

    public ValueTask<IReadOnlyList<PartitionRange>> RangesAsync(string topic, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<PartitionRange>>(
            [.. Enumerable.Range(0, Partitions).Select(partition => new PartitionRange(partition, _beginnings.GetValueOrDefault((topic, partition)), End(topic, partition)))]);

    public ValueTask<IReadOnlyDictionary<int, long>> CommittedAsync(string group, string topic, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyDictionary<int, long>>(_committed
            .Where(committed => committed.Key.Group == group && committed.Key.Topic == topic)
            .ToDictionary(committed => committed.Key.Partition, committed => committed.Value));

    public async IAsyncEnumerable<IReadOnlyList<AuditRecord>> ReadAsync(
        string topic, PartitionRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (AuditRecord[] batch in Records(topic, range.Partition).Where(record => record.Offset < range.End).Chunk(2))
        {
            await Task.Yield();
            yield return batch;
        }
    }

    async IAsyncEnumerable<LedgerEntry> IPaymentLedger.ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (WhenLedgerIsRead is { } happen)
        {
            await happen();
        }

        foreach (LedgerEntry entry in Ledger)
        {
            yield return entry;
        }
    }

    public ValueTask<IBooksSnapshot> OpenAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IBooksSnapshot>(this);

    public IAsyncEnumerable<ReservationEntry> ReservationsAsync(CancellationToken cancellationToken) => Reservations.Values.ToAsyncEnumerable();

    public IAsyncEnumerable<StockEntry> StockAsync(CancellationToken cancellationToken) => Stock.Values.ToAsyncEnumerable();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static StockEntry Add(StockEntry row, ReservationState? state, int quantity) => state switch
    {
        ReservationState.Reserved => row with { Reserved = row.Reserved + quantity, Available = row.Available - quantity },
        ReservationState.Sold => row with { Sold = row.Sold + quantity, Available = row.Available - quantity },
        _ => row,
    };

    private long End(string topic, int partition) => Records(topic, partition) is { Count: > 0 } records
        ? records[^1].Offset + 2
        : _beginnings.GetValueOrDefault((topic, partition));

    private IEnumerable<(string Group, string Topic)> Consumptions() =>
    [
        (Topics.ValidationGroup, Topics.Orders),
        (Topics.FulfillmentGroup, Topics.OrdersValidated),
        (Topics.SettlementGroup, Topics.OrdersFulfilled),
        (Topics.SettlementGroup, Topics.OrdersDeadLetters),
    ];
}
