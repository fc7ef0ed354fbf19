using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using Carousel.Validation.Tests.Reservations;

namespace Carousel.Validation.Tests.Sqlite;

public sealed class SqliteReservationReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("carousel-reader-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_is_not_there_yet_is_said_to_be_missing_and_found_later(bool isEmptyFile)
    {
        await using var shop = new Shop();
        await shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await shop.SeedAsync(new StockItem("sku-1", 1));
        await shop.ValidateAsync(await shop.RecordAsync(Shop.Order("ord-1"), 0));
        string path = Path.Combine(_folder.FullName, "validation.db");
        if (isEmptyFile)
        {
            await File.WriteAllBytesAsync(path, []);
        }

        await using IReservationReader reader = ValidationDatabase.OpenReader(new ValidationOptions { DatabasePath = path });
        ReservationsMissingException e = await Assert.ThrowsAsync<ReservationsMissingException>(() => reader.FindAsync(OrderId.Parse("ord-1"), CancellationToken.None).AsTask());
        Assert.Contains("carousel seed", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ReservationsMissingException>(() => reader.OpenSnapshotAsync(CancellationToken.None).AsTask());
        await shop.Database.DisposeAsync();
        await shop.Reader.DisposeAsync();
        File.Copy(shop.Options.DatabasePath, path, overwrite: true);
        Assert.NotNull(await reader.FindAsync(OrderId.Parse("ord-1"), CancellationToken.None));
    }

    [Fact]
    public async Task Readers_see_whole_commits_while_the_writer_writes()
    {
        await using var shop = new Shop();
        await shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await shop.SeedAsync(new StockItem("sku-1", 1_000_000), new StockItem("sku-2", 1_000_000));
        Order[] orders = [.. Enumerable.Range(0, 2_000).Select(i => Shop.Order($"ord-{i}", "cust-1", ("sku-1", 2), ("sku-2", 1)))];
        SourceRecord[] records = await Task.WhenAll(orders.Select((order, i) => shop.RecordAsync(order, i)));
        SourceRecord[] ends = await Task.WhenAll(orders.Select((order, i) => i % 3 == 0 ? shop.DeadLetterAsync(order.OrderId.ToString(), i) : shop.FulfilledAsync(order, i)));
        using var done = new CancellationTokenSource();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => AuditUntilAsync(shop.Reader, done.Token)))];
        for (int start = 0; start < records.Length; start += 50)
        {
            await shop.Validation.HandleAsync(records[start..(start + 50)], CancellationToken.None);
            await shop.SettleAsync(ends[Math.Max(0, start - 50)..start]);
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), audits => Assert.True(audits > 0, "a reader saw nothing while the writer wrote"));
    }

    [Fact]
    public async Task A_snapshot_stays_as_it_was_opened()
    {
        await using var shop = new Shop();
        await shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await shop.SeedAsync(new StockItem("sku-1", 5));
        await using IReservationSnapshot snapshot = await shop.Reader.OpenSnapshotAsync(CancellationToken.None);
        await shop.ValidateAsync(await shop.RecordAsync(Shop.Order("ord-1"), 0));
        Assert.Empty(await snapshot.ReadReservationsAsync(CancellationToken.None).ToListAsync());
        Assert.Equal(5, (await snapshot.ReadStockAsync(CancellationToken.None).SingleAsync()).Available);
        Assert.Single(await shop.ReservationsAsync());
    }

    /// <summary>Checks the books again and again; each snapshot must balance by itself.</summary>
    private static async Task<int> AuditUntilAsync(IReservationReader reader, CancellationToken done)
    {
        int audits = 0;
        do
        {
            await Books.AssertBalancedAsync(reader);
            Reservation? found = await reader.FindAsync(OrderId.Parse("ord-0"), CancellationToken.None);
            Assert.True(found is null || found.CustomerId == "cust-1");
            audits++;
        }
        while (!done.IsCancellationRequested);
        return audits;
    }
}
