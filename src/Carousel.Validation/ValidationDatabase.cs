using System.Diagnostics.Metrics;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using Carousel.Validation.Settlement;
using Carousel.Validation.Sqlite;
using Microsoft.Extensions.Logging;

namespace Carousel.Validation;

/// <summary>What the two handlers share with the rest of their process.</summary>
public sealed record ValidationParts(CarouselTopics Topics, OrderValues Values, IMeterFactory Meters, ILoggerFactory Loggers, TimeProvider Time);

/// <summary>
/// Customers, stock and reservations, opened for writing by the one process that validates and settles; others read through <see cref="OpenReader"/>.
/// Dispose it after the stages have stopped.
/// </summary>
public sealed class ValidationDatabase : IAsyncDisposable
{
    private readonly ValidationOptions _options;
    private readonly IReservationStore _store;
    private readonly Seeder _seeder;

    private ValidationDatabase(ValidationOptions options, IReservationStore store)
    {
        _options = options;
        _store = store;
        _seeder = new Seeder(store);
    }

    /// <summary>Creates the database, or brings it to this version's schema, and opens it for writing.</summary>
    /// <exception cref="DependencyUnavailableException">It can't be opened, locked or written; the message says what to do.</exception>
    public static ValidationDatabase Open(ValidationOptions options, ILoggerFactory loggers) =>
        new(options, SqliteReservationStore.Open(options, loggers.CreateLogger<ValidationDatabase>()));

    /// <summary>Opens nothing yet: the database may come into being later.</summary>
    public static IReservationReader OpenReader(ValidationOptions options) => new SqliteReservationReader(options);

    /// <summary>For a stage that reads <c>orders</c> in the group <see cref="CarouselTopics.ValidationGroup"/>.</summary>
    public ValidationHandler CreateValidationHandler(ValidationParts parts) => new(_store, _options, parts);

    /// <summary>For a stage that reads <c>orders-fulfilled</c> and <c>orders-dlq</c> in the group <see cref="CarouselTopics.SettlementGroup"/>.</summary>
    public SettlementHandler CreateSettlementHandler(ValidationParts parts) => new(_store, parts);

    /// <summary>Adds customers and changes the status of known ones.</summary>
    /// <exception cref="SeedRefusedException">A row can't be seeded.</exception>
    /// <exception cref="DependencyUnavailableException">The database is locked or failing.</exception>
    public Task<SeedResult> SeedAsync(IAsyncEnumerable<Customer> customers, CancellationToken cancellationToken) => _seeder.SeedAsync(customers, cancellationToken);

    /// <summary>Sets what was ever put on the shelf of each item; what is reserved or sold stays so, the rest is available.</summary>
    /// <exception cref="SeedRefusedException">A row can't be seeded, for instance because more is reserved and sold already.</exception>
    /// <exception cref="DependencyUnavailableException">The database is locked or failing.</exception>
    public Task<SeedResult> SeedAsync(IAsyncEnumerable<StockItem> items, CancellationToken cancellationToken) => _seeder.SeedAsync(items, cancellationToken);

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
