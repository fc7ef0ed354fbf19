using System.Data.Common;
using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Tests.Reservations;

/// <summary>What every store has to do; each implementation runs it.</summary>
public abstract class ReservationStoreContract : IAsyncLifetime
{
    private static readonly DateTime At = Shop.Opening.UtcDateTime;
    private IReservationStore _store = null!;

    public ValueTask InitializeAsync()
    {
        _store = OpenEmpty();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Delete();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_never_written_is_not_found()
    {
        await In(async transaction =>
        {
            Assert.Empty(await transaction.FindReservationsAsync([OrderId.Parse("ord-1")]));
            Assert.Empty(await transaction.FindCustomersAsync(["cust-1"]));
            Assert.Empty(await transaction.FindStockAsync(["sku-1"]));
            Assert.Empty(await transaction.FindStockAsync([]));
        });
    }

    [Fact]
    public async Task A_reservation_comes_back_as_it_was_written()
    {
        Reservation reserved = Reserved("ord-1") with { Items = [new("sku \"1\" \\", 3_000_000_000), new("sku-2", 1)], Amount = 9_999_999_999_999_999.99m, Client = "Zoë" };
        Reservation rejected = Rejected("ord-2");
        await In(transaction => transaction.AddReservationsAsync([reserved, rejected]));
        Assert.Equivalent(reserved, await FindAsync("ord-1"), strict: true);
        Assert.Equivalent(rejected, await FindAsync("ord-2"), strict: true);
    }

    [Fact]
    public async Task A_settled_reservation_comes_back_as_it_ended()
    {
        await In(transaction => transaction.AddReservationsAsync([Reserved("ord-1"), Reserved("ord-2"), Reserved("ord-3")]));
        Reservation sold = Reserved("ord-1") with { State = ReservationState.Sold, SettledAt = At.AddMinutes(1), PaymentId = "pay-1" };
        Reservation released = Reserved("ord-2") with { State = ReservationState.Released, SettledAt = At.AddMinutes(2), Reason = "PAYMENT_DECLINED", Detail = "No." };
        await In(transaction => transaction.SettleReservationsAsync([sold, released]));
        Assert.Equivalent(sold, await FindAsync("ord-1"), strict: true);
        Assert.Equivalent(released, await FindAsync("ord-2"), strict: true);
        Assert.Equal(ReservationState.Reserved, (await FindAsync("ord-3")).State);
    }

    [Fact]
    public async Task Ids_may_hold_any_printable_character_and_come_more_than_once()
    {
        string id = "o'r\"d\\-[1]{}";
        await In(async transaction =>
        {
            await transaction.AddReservationsAsync([Reserved(id)]);
            await transaction.PutCustomersAsync([new Customer(id, CustomerStatus.Blocked)]);
            await transaction.PutStockAsync([new StockRow(id, 7, 7, 0, 0)]);
        });
        await In(async transaction =>
        {
            Assert.Single(await transaction.FindReservationsAsync([OrderId.Parse(id), OrderId.Parse(id)]));
            Assert.Equal(CustomerStatus.Blocked, (await transaction.FindCustomersAsync([id, id]))[id]);
            Assert.Equal(new StockRow(id, 7, 7, 0, 0), (await transaction.FindStockAsync([id, id]))[id]);
        });
    }

    [Fact]
    public async Task Thousands_of_ids_are_found_at_once()
    {
        Reservation[] all = [.. Enumerable.Range(0, 5_000).Select(i => Reserved($"ord-{i}"))];
        await In(transaction => transaction.AddReservationsAsync(all));
        await In(async transaction => Assert.Equal(5_000, (await transaction.FindReservationsAsync([.. all.Select(reservation => reservation.OrderId)])).Count));
    }

    [Fact]
    public async Task A_transaction_that_throws_leaves_nothing_behind()
    {
        await In(transaction => transaction.PutStockAsync([new StockRow("sku-1", 10, 10, 0, 0)]));
        await Assert.ThrowsAsync<FormatException>(() => In(async transaction =>
        {
            await transaction.AddReservationsAsync([Reserved("ord-1")]);
            await transaction.ChangeStockAsync([new StockChange("sku-1", -4, 4, 0)]);
            throw new FormatException();
        }));
        await In(async transaction =>
        {
            Assert.Empty(await transaction.FindReservationsAsync([OrderId.Parse("ord-1")]));
            Assert.Equal(new StockRow("sku-1", 10, 10, 0, 0), (await transaction.FindStockAsync(["sku-1"]))["sku-1"]);
        });
    }

    [Theory]
    [InlineData(-11, 11, 0)]
    [InlineData(1, -1, 0)]
    [InlineData(-1, 2, 0)]
    public async Task Stock_that_would_go_negative_or_leak_halts_and_nothing_changes(long available, long reserved, long sold)
    {
        await In(transaction => transaction.PutStockAsync([new StockRow("sku-1", 10, 10, 0, 0), new StockRow("sku-2", 10, 10, 0, 0)]));
        await Assert.ThrowsAnyAsync<DbException>(() => In(transaction => transaction.ChangeStockAsync([new StockChange("sku-2", -1, 1, 0), new StockChange("sku-1", available, reserved, sold)])));
        await In(async transaction => Assert.All((await transaction.FindStockAsync(["sku-1", "sku-2"])).Values, row => Assert.Equal(10, row.Available)));
    }

    [Fact]
    public async Task The_same_order_twice_halts()
    {
        await In(transaction => transaction.AddReservationsAsync([Reserved("ord-1")]));
        await Assert.ThrowsAnyAsync<DbException>(() => In(transaction => transaction.AddReservationsAsync([Reserved("ord-1")])));
    }

    [Fact]
    public async Task An_item_or_order_that_is_not_there_cannot_be_changed()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => In(transaction => transaction.ChangeStockAsync([new StockChange("sku-9", -1, 1, 0)])));
        await Assert.ThrowsAsync<InvalidOperationException>(() => In(transaction => transaction.SettleReservationsAsync([Reserved("ord-9")])));
    }

    [Fact]
    public async Task Transactions_run_one_after_another()
    {
        await In(transaction => transaction.PutStockAsync([new StockRow("sku-1", 50, 50, 0, 0)]));
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(() => In(async transaction =>
        {
            StockRow row = (await transaction.FindStockAsync(["sku-1"]))["sku-1"];
            await Task.Yield();
            if (row.Available > 0)
            {
                await transaction.ChangeStockAsync([new StockChange("sku-1", -1, 1, 0)]);
            }
        }))));
        await In(async transaction => Assert.Equal(new StockRow("sku-1", 50, 0, 50, 0), (await transaction.FindStockAsync(["sku-1"]))["sku-1"]));
    }

    private protected abstract IReservationStore OpenEmpty();

    private protected abstract void Delete();

    private static Reservation Reserved(string id) => new(
        OrderId.Parse(id), ReservationState.Reserved, [.. Enumerable.Range(0, 32).Select(i => (byte)i)], "cust-1", null,
        new RecordPosition(new SourcePartition("orders", 3), 4_000_000_000), "GBP", 12.34m, [new("sku-1", 2)], At, At.AddMicroseconds(7));

    private static Reservation Rejected(string id) => Reserved(id) with { State = ReservationState.Rejected, Items = [], Reason = "OUT_OF_STOCK", Detail = "Short." };

    private Task<bool> In(Func<IReservationTransaction, ValueTask> work) => _store.InTransactionAsync(
        async transaction =>
        {
            await work(transaction);
            return true;
        },
        CancellationToken.None).AsTask();

    private async Task<Reservation> FindAsync(string id) =>
        (await _store.InTransactionAsync(transaction => transaction.FindReservationsAsync([OrderId.Parse(id)]), CancellationToken.None))[OrderId.Parse(id)];
}
