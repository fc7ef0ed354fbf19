using Carousel.Validation.Reservations;

namespace Carousel.Validation.Tests.Reservations;

public sealed class SeederTests : IAsyncLifetime
{
    private readonly Shop _shop = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Seeding_the_same_again_changes_nothing_whatever_was_ordered_meanwhile()
    {
        Customer[] customers = [.. Enumerable.Range(0, 2_500).Select(i => new Customer($"cust-{i}", CustomerStatus.Active))];
        StockItem[] items = [.. Enumerable.Range(0, 2_500).Select(i => new StockItem($"sku-{i}", i))];
        Assert.Equal(new SeedResult(2_500, 2_500), await SeedAsync(customers));
        Assert.Equal(new SeedResult(2_500, 2_500), await SeedAsync(items));
        await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", ("sku-10", 4)), 0));
        Assert.Equal(new SeedResult(2_500, 0), await SeedAsync(customers));
        Assert.Equal(new SeedResult(2_500, 0), await SeedAsync(items));
        Assert.Equal(new StockRow("sku-10", 10, 6, 4, 0), (await _shop.StockAsync())["sku-10"]);
        await using IReservationSnapshot snapshot = await _shop.Reader.OpenSnapshotAsync(CancellationToken.None);
        Assert.Equal(2_500, await snapshot.CountCustomersAsync(CancellationToken.None));
    }

    [Fact]
    public async Task More_or_less_initial_stock_changes_what_is_available()
    {
        await _shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await _shop.SeedAsync(new StockItem("sku-1", 10));
        await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", ("sku-1", 4)), 0));
        await _shop.SettleAsync(await _shop.FulfilledAsync(Shop.Order("ord-1", "cust-1", ("sku-1", 4)), 0));
        await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-2", "cust-1", ("sku-1", 2)), 1));
        await _shop.SeedAsync(new StockItem("sku-1", 25));
        Assert.Equal(new StockRow("sku-1", 25, 19, 2, 4), (await _shop.StockAsync())["sku-1"]);
        await _shop.SeedAsync(new StockItem("sku-1", 6));
        Assert.Equal(new StockRow("sku-1", 6, 0, 2, 4), (await _shop.StockAsync())["sku-1"]);
        SeedRefusedException e = await Assert.ThrowsAsync<SeedRefusedException>(() => _shop.SeedAsync(new StockItem("sku-1", 5)));
        Assert.Equal("Item sku-1 can't go down to 5 pieces: 2 are reserved and 4 are sold. Give 6 or more.", e.Message);
        Assert.Equal(6, (await _shop.StockAsync())["sku-1"].Initial);
    }

    [Fact]
    public async Task Stock_holds_any_number_of_pieces()
    {
        await _shop.SeedAsync(new StockItem("sku-1", long.MaxValue));
        Assert.Equal(long.MaxValue, (await _shop.StockAsync())["sku-1"].Available);
    }

    [Fact]
    public async Task The_last_row_of_an_id_counts()
    {
        await _shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active), new Customer("cust-1", CustomerStatus.Blocked));
        await _shop.SeedAsync(new StockItem("sku-1", 3), new StockItem("sku-1", 8));
        Assert.Equal(new StockRow("sku-1", 8, 8, 0, 0), (await _shop.StockAsync())["sku-1"]);
        Assert.Equal("BLOCKED_CUSTOMER", Assert.IsType<Stages.Outcome.DeadLettered>(await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-1"), 0))).Reason);
    }

    [Fact]
    public async Task Rows_that_no_order_could_name_are_refused()
    {
        Assert.Contains("' cust'", (await Assert.ThrowsAsync<SeedRefusedException>(() => _shop.SeedAsync(new Customer(" cust", CustomerStatus.Active)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SeedRefusedException>(() => _shop.SeedAsync(new StockItem("", 1)));
        await Assert.ThrowsAsync<SeedRefusedException>(() => _shop.SeedAsync(new StockItem("sku-1", -1)));
        Assert.Empty(await _shop.StockAsync());
    }

    private Task<SeedResult> SeedAsync(Customer[] customers) => _shop.Database.SeedAsync(customers.ToAsyncEnumerable(), CancellationToken.None);

    private Task<SeedResult> SeedAsync(StockItem[] items) => _shop.Database.SeedAsync(items.ToAsyncEnumerable(), CancellationToken.None);
}
