using System.Diagnostics.Metrics;
using System.Text;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Carousel.Testing;
using Carousel.Validation.Reservations;
using Carousel.Validation.Settlement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Validation.Tests;

/// <summary>A database in a folder of its own, with both handlers over it and a clock that stands still.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public static readonly DateTimeOffset Opening = new(2026, 3, 1, 9, 0, 0, 123, 456, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("carousel-validation-");
    private readonly ServiceProvider _services;

    public Shop(OrderPartitioning partitioning = OrderPartitioning.Customer, TimeSpan? busyTimeout = null)
    {
        Options = new ValidationOptions
        {
            DatabasePath = Path.Combine(_folder.FullName, "validation.db"),
            Partitioning = partitioning,
            BusyTimeout = busyTimeout ?? TimeSpan.FromSeconds(5),
        };
        Values = new OrderValues(Topics, Registry);
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(Log)).BuildServiceProvider();
        Parts = new ValidationParts(Topics, Values, _services.GetRequiredService<IMeterFactory>(), _services.GetRequiredService<ILoggerFactory>(), Time);
        Open();
    }

    public ValidationOptions Options { get; }

    public CarouselTopics Topics { get; } = new();

    public MemoryRegistry Registry { get; } = new();

    public OrderValues Values { get; }

    public FakeTimeProvider Time { get; } = new(Opening);

    public ListLog Log { get; } = new();

    public ValidationParts Parts { get; }

    public ValidationDatabase Database { get; private set; } = null!;

    public ValidationHandler Validation { get; private set; } = null!;

    public SettlementHandler Settlement { get; private set; } = null!;

    public IReservationReader Reader { get; private set; } = null!;

    /// <summary>As after a restart of the process.</summary>
    public async Task ReopenAsync()
    {
        await Reader.DisposeAsync();
        await Database.DisposeAsync();
        Open();
    }

    public Task SeedAsync(params Customer[] customers) => Database.SeedAsync(customers.ToAsyncEnumerable(), CancellationToken.None);

    public Task SeedAsync(params StockItem[] items) => Database.SeedAsync(items.ToAsyncEnumerable(), CancellationToken.None);

    public async Task<Outcome> ValidateAsync(SourceRecord record) => Assert.Single(await Validation.HandleAsync([record], CancellationToken.None));

    public async Task SettleAsync(params SourceRecord[] records) =>
        Assert.All(await Settlement.HandleAsync(records, CancellationToken.None), outcome => Assert.Same(Outcome.Nothing, outcome));

    public async Task<Dictionary<string, StockRow>> StockAsync()
    {
        await using IReservationSnapshot snapshot = await Reader.OpenSnapshotAsync(CancellationToken.None);
        return await snapshot.ReadStockAsync(CancellationToken.None).ToDictionaryAsync(row => row.Sku);
    }

    public async Task<List<Reservation>> ReservationsAsync()
    {
        await using IReservationSnapshot snapshot = await Reader.OpenSnapshotAsync(CancellationToken.None);
        return await snapshot.ReadReservationsAsync(CancellationToken.None).ToListAsync();
    }

    public async Task<Reservation> ReservationAsync(string id) =>
        await Reader.FindAsync(OrderId.Parse(id), CancellationToken.None) ?? throw new InvalidOperationException($"There is no reservation {id}.");

    public async Task<SourceRecord> RecordAsync(Order order, long offset, int partition = 0, string? key = null, string? client = "shop") => new(
        new SourcePartition(Topics.Orders, partition),
        offset,
        Opening.UtcDateTime,
        Encoding.UTF8.GetBytes(key ?? (Options.Partitioning == OrderPartitioning.Customer ? order.CustomerId : order.OrderId.ToString())),
        await Values.Orders.EncodeAsync(order, CancellationToken.None),
        client is null ? [] : [new RecordHeader(OrderHeaders.Client, Encoding.UTF8.GetBytes(client))]);

    public async Task<SourceRecord> FulfilledAsync(Order order, long offset, string paymentId = "pay-1")
    {
        DateTime at = Opening.UtcDateTime.AddMinutes(1);
        var fulfilled = new FulfilledOrder(order with { Status = OrderStatus.Fulfilled }, Opening.UtcDateTime, new Payment(paymentId, order.Amount, order.Currency, at), at);
        return new SourceRecord(new(Topics.OrdersFulfilled, 0), offset, at, null, await Values.Fulfilled.EncodeAsync(fulfilled, CancellationToken.None), []);
    }

    public async Task<SourceRecord> DeadLetterAsync(
        string? orderId,
        long offset,
        DeadLetterCategory category = DeadLetterCategory.Rejection,
        string stage = "fulfillment",
        string reason = DeadLetterReasons.PaymentDeclined)
    {
        DateTime at = Opening.UtcDateTime.AddMinutes(2);
        var letter = new DeadLetter(stage, category, reason, "The card was declined.", orderId, 1, at, Topics.OrdersValidated, 0, offset, at, null, null, []);
        return new SourceRecord(new(Topics.OrdersDeadLetters, 0), offset, at, null, await Values.DeadLetters.EncodeAsync(letter, CancellationToken.None), []);
    }

    public static Order Order(string id, string customer = "cust-1", params (string Sku, int Quantity)[] lines)
    {
        OrderLine[] orderLines = [.. (lines.Length == 0 ? [("sku-1", 1)] : lines).Select(line => new OrderLine(line.Item1, line.Item2, 2.5m))];
        return new Order(OrderId.Parse(id), customer, OrderStatus.Created, "GBP", OrderRules.Total(orderLines), orderLines, "tok_visa_1", Opening.UtcDateTime.AddSeconds(-1));
    }

    public async ValueTask DisposeAsync()
    {
        await Reader.DisposeAsync();
        await Database.DisposeAsync();
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Open()
    {
        Database = ValidationDatabase.Open(Options, Parts.Loggers);
        Validation = Database.CreateValidationHandler(Parts);
        Settlement = Database.CreateSettlementHandler(Parts);
        Reader = ValidationDatabase.OpenReader(Options);
    }
}
