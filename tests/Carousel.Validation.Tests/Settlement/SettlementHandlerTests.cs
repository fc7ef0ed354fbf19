using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Tests.Settlement;

public sealed class SettlementHandlerTests : IAsyncLifetime
{
    private readonly Shop _shop = new();
    private readonly Order _first = Shop.Order("ord-1", "cust-1", ("sku-1", 2), ("sku-2", 1), ("sku-1", 1));
    private readonly Order _second = Shop.Order("ord-2", "cust-1", ("sku-1", 4));

    public async ValueTask InitializeAsync()
    {
        await _shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await _shop.SeedAsync(new StockItem("sku-1", 10), new StockItem("sku-2", 5));
        await _shop.ValidateAsync(await _shop.RecordAsync(_first, 0));
        await _shop.ValidateAsync(await _shop.RecordAsync(_second, 1));
        await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-3", "cust-9"), 2));
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_fulfilled_order_sells_its_stock()
    {
        await _shop.SettleAsync(await _shop.FulfilledAsync(_first, 0, "pay-7"));
        Assert.Equal([new StockRow("sku-1", 10, 3, 4, 3), new StockRow("sku-2", 5, 4, 0, 1)], (await _shop.StockAsync()).Values);
        Reservation sold = await _shop.ReservationAsync("ord-1");
        Assert.Equal((ReservationState.Sold, "pay-7", Shop.Opening.UtcDateTime.AddMinutes(1)), (sold.State, sold.PaymentId, sold.SettledAt));
    }

    [Fact]
    public async Task A_rejection_of_fulfillment_releases_its_stock()
    {
        await _shop.SettleAsync(await _shop.DeadLetterAsync("ord-2", 0));
        Assert.Equal(new StockRow("sku-1", 10, 7, 3, 0), (await _shop.StockAsync())["sku-1"]);
        Reservation released = await _shop.ReservationAsync("ord-2");
        Assert.Equal((ReservationState.Released, "PAYMENT_DECLINED", Shop.Opening.UtcDateTime.AddMinutes(2)), (released.State, released.Reason, released.SettledAt));
        Assert.NotNull(released.ValidatedAt);
    }

    [Theory]
    [InlineData(DeadLetterCategory.Exhausted, "fulfillment")]
    [InlineData(DeadLetterCategory.Defect, "fulfillment")]
    [InlineData(DeadLetterCategory.Rejection, "validation")]
    public async Task Any_other_dead_letter_ends_nothing(DeadLetterCategory category, string stage)
    {
        await _shop.SettleAsync(await _shop.DeadLetterAsync("ord-1", 0, category, stage));
        Assert.Equal(ReservationState.Reserved, (await _shop.ReservationAsync("ord-1")).State);
        Assert.Empty(_shop.Log.Warnings);
    }

    [Theory]
    [InlineData(new[] { 0, 1 })]
    [InlineData(new[] { 1, 0 })]
    [InlineData(new[] { 0, 0, 1, 1, 0 })]
    public async Task Ends_come_in_any_order_and_any_number_of_times(int[] order)
    {
        SourceRecord[] ends = [await _shop.FulfilledAsync(_first, 0), await _shop.DeadLetterAsync("ord-2", 0)];
        SourceRecord[] records = [.. order.Select(i => ends[i])];
        await _shop.SettleAsync(records);
        await _shop.SettleAsync(records);
        foreach (SourceRecord record in records)
        {
            await _shop.SettleAsync(record);
        }

        Assert.Equal([new StockRow("sku-1", 10, 7, 0, 3), new StockRow("sku-2", 5, 4, 0, 1)], (await _shop.StockAsync()).Values);
        Assert.Empty(_shop.Log.Warnings);
    }

    [Fact]
    public async Task What_cannot_be_is_told_and_changes_nothing()
    {
        await _shop.SettleAsync(await _shop.FulfilledAsync(_first, 0), await _shop.DeadLetterAsync("ord-2", 0));
        Dictionary<string, StockRow> before = await _shop.StockAsync();
        await _shop.SettleAsync(
            await _shop.DeadLetterAsync("ord-1", 10),
            await _shop.FulfilledAsync(_second, 11),
            await _shop.FulfilledAsync(_first, 12, "pay-other"),
            await _shop.FulfilledAsync(Shop.Order("ord-3", "cust-9"), 13),
            await _shop.FulfilledAsync(Shop.Order("ord-unknown"), 14));
        Assert.Equal(before, await _shop.StockAsync());
        Assert.Equal(
            ["ord-1", "ord-2", "ord-1", "ord-3", "ord-unknown"],
            _shop.Log.Warnings.Select(warning => warning.Split(' ')[1]));
        Assert.Equal("pay-1", (await _shop.ReservationAsync("ord-1")).PaymentId);
    }

    [Fact]
    public async Task A_lost_database_does_not_flood_the_log()
    {
        await _shop.SettleAsync(await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _shop.DeadLetterAsync($"lost-{i}", i))));
        Assert.Equal(21, _shop.Log.Warnings.Count());
        Assert.StartsWith("80 further records", _shop.Log.Warnings.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_told_and_passed_by()
    {
        SourceRecord sound = await _shop.FulfilledAsync(_first, 5);
        SourceRecord letter = await _shop.DeadLetterAsync(orderId: null, 6);
        await _shop.SettleAsync(sound with { Value = null }, sound with { Value = [0, 0, 0, 0, 9] }, letter with { Value = [1, 2, 3] }, letter, sound);
        Assert.Equal(4, _shop.Log.Warnings.Count());
        Assert.Equal(ReservationState.Sold, (await _shop.ReservationAsync("ord-1")).State);
    }

    [Fact]
    public async Task A_large_batch_settles_at_once()
    {
        await _shop.SeedAsync(new StockItem("sku-many", 3_000));
        Order[] orders = [.. Enumerable.Range(0, 1_000).Select(i => Shop.Order($"many-{i}", "cust-1", ("sku-many", 3)))];
        SourceRecord[] records = await Task.WhenAll(orders.Select((order, i) => _shop.RecordAsync(order, 100 + i)));
        await _shop.Validation.HandleAsync(records, CancellationToken.None);
        await _shop.SettleAsync(await Task.WhenAll(orders.Select((order, i) => i % 4 == 0 ? _shop.DeadLetterAsync(order.OrderId.ToString(), i) : _shop.FulfilledAsync(order, i))));
        Assert.Equal(new StockRow("sku-many", 3_000, 750, 0, 2_250), (await _shop.StockAsync())["sku-many"]);
    }

    [Fact]
    public async Task A_topic_it_does_not_read_is_a_broken_invariant() =>
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _shop.SettleAsync(await _shop.RecordAsync(_first, 0)));
}
