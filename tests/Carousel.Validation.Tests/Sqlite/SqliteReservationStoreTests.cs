using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using Carousel.Validation.Sqlite;
using Carousel.Validation.Tests.Reservations;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Validation.Tests.Sqlite;

public sealed class SqliteReservationStoreTests : ReservationStoreContract
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("carousel-store-");

    [Fact]
    public async Task A_database_locked_by_somebody_else_is_away_and_comes_back()
    {
        await using var shop = new Shop(busyTimeout: TimeSpan.FromMilliseconds(20));
        await shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await shop.SeedAsync(new StockItem("sku-1", 10));
        SourceRecord record = await shop.RecordAsync(Shop.Order("ord-1"), offset: 0);
        using (var other = new SqliteConnection($"Data Source={shop.Options.DatabasePath};Pooling=False"))
        {
            other.Open();
            other.Execute("BEGIN IMMEDIATE");
            DependencyUnavailableException e = await Assert.ThrowsAsync<DependencyUnavailableException>(() => shop.ValidateAsync(record));
            Assert.Equal("database", e.Dependency);
            Assert.Contains("locked by another process", e.Message, StringComparison.Ordinal);
            Assert.Null(await shop.Reader.FindAsync(OrderId.Parse("ord-1"), CancellationToken.None));
        }

        Assert.IsType<Outcome.Completed>(await shop.ValidateAsync(record));
        Assert.Equal(9, (await shop.StockAsync())["sku-1"].Available);
    }

    [Theory]
    [InlineData(13, "free some disk space")]
    [InlineData(10, "check the disk")]
    [InlineData(8, "check the permissions")]
    [InlineData(6, "locked by another process")]
    [InlineData(11, null)]
    [InlineData(19, null)]
    public async Task Trouble_of_the_disk_means_waiting_and_corruption_halts(int resultCode, string? advice)
    {
        await using var shop = new Shop();
        await shop.SeedAsync(new StockItem("sku-1", 10));
        await using var store = SqliteReservationStore.Open(shop.Options, NullLogger.Instance);
        Exception? e = await Record.ExceptionAsync(() => store.InTransactionAsync<bool>(
            async transaction =>
            {
                await transaction.ChangeStockAsync([new StockChange("sku-1", -5, 5, 0)]);
                throw new SqliteException("as SQLite says it", resultCode);
            },
            CancellationToken.None).AsTask());
        if (advice is null)
        {
            Assert.IsType<SqliteException>(e);
        }
        else
        {
            Assert.Contains(advice, Assert.IsType<DependencyUnavailableException>(e).Message, StringComparison.Ordinal);
        }

        Dictionary<string, StockRow> stock = await store.InTransactionAsync(transaction => transaction.FindStockAsync(["sku-1"]), CancellationToken.None);
        Assert.Equal(10, stock["sku-1"].Available);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var options = new ValidationOptions { DatabasePath = Path.Combine(_folder.FullName, "nowhere", "validation.db") };
        DependencyUnavailableException e = Assert.Throws<DependencyUnavailableException>(() => ValidationDatabase.Open(options, NullLoggerFactory.Instance));
        Assert.Contains(Path.Combine(_folder.FullName, "nowhere"), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_halts()
    {
        string path = Path.Combine(_folder.FullName, "letters.db");
        await File.WriteAllTextAsync(path, new string('x', 8_192));
        Assert.Throws<SqliteException>(() => ValidationDatabase.Open(new ValidationOptions { DatabasePath = path }, NullLoggerFactory.Instance));
    }

    [Fact]
    public async Task Commits_are_durable_and_the_schema_is_journaled()
    {
        await using var shop = new Shop();
        using SqliteConnection writer = new SqliteConnections(shop.Options).OpenForWriting();
        Assert.Equal("wal", writer.ExecuteScalar<string>("PRAGMA journal_mode"));
        Assert.Equal(2, writer.ExecuteScalar<long>("PRAGMA synchronous"));
        Assert.Equal(1, writer.ExecuteScalar<long>("SELECT COUNT(*) FROM schema_version"));
        await shop.ReopenAsync();
        Assert.Equal(1, writer.ExecuteScalar<long>("SELECT COUNT(*) FROM schema_version"));
    }

    [Fact]
    public async Task Several_processes_may_open_a_new_database_at_once()
    {
        var options = new ValidationOptions { DatabasePath = Path.Combine(_folder.FullName, "new.db") };
        ValidationDatabase[] opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ValidationDatabase.Open(options, NullLoggerFactory.Instance))));
        foreach (ValidationDatabase database in opened)
        {
            await database.SeedAsync(new Customer[] { new("cust-1", CustomerStatus.Active) }.ToAsyncEnumerable(), CancellationToken.None);
            await database.DisposeAsync();
        }
    }

    private protected override IReservationStore OpenEmpty() =>
        SqliteReservationStore.Open(new ValidationOptions { DatabasePath = Path.Combine(_folder.FullName, "validation.db") }, NullLogger.Instance);

    private protected override void Delete() => _folder.Delete(recursive: true);
}
