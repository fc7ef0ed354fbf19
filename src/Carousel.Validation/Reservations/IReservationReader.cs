using Carousel.Orders;
using Carousel.Stages;

namespace Carousel.Validation.Reservations;

/// <summary>Reads what validation wrote, from any process, while it writes. Thread-safe.</summary>
public interface IReservationReader : IAsyncDisposable
{
    /// <summary>What became of the order, or null when validation hasn't reached it.</summary>
    /// <exception cref="ReservationsMissingException">There is no database yet.</exception>
    /// <exception cref="DependencyUnavailableException">The database is locked or failing.</exception>
    ValueTask<Reservation?> FindAsync(OrderId id, CancellationToken cancellationToken);

    /// <summary>The books as they are at this moment, for as long as the snapshot is open. Dispose it soon: the log of changes grows meanwhile.</summary>
    /// <exception cref="ReservationsMissingException">There is no database yet.</exception>
    /// <exception cref="DependencyUnavailableException">The database is locked or failing.</exception>
    ValueTask<IReservationSnapshot> OpenSnapshotAsync(CancellationToken cancellationToken);
}

/// <summary>One consistent view of all rows, streamed: memory doesn't grow with their number. Belongs to one reader at a time.</summary>
public interface IReservationSnapshot : IAsyncDisposable
{
    /// <summary>All orders that validation decided, in the order of decision.</summary>
    IAsyncEnumerable<Reservation> ReadReservationsAsync(CancellationToken cancellationToken);

    /// <summary>All items, by SKU.</summary>
    IAsyncEnumerable<StockRow> ReadStockAsync(CancellationToken cancellationToken);

    ValueTask<long> CountCustomersAsync(CancellationToken cancellationToken);
}

/// <summary>There is no database to read: nobody has seeded one or started validation with it. The message says what to do.</summary>
public sealed class ReservationsMissingException(string message, Exception? innerException = null) : Exception(message, innerException);
