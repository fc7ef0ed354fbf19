using Carousel.Orders;
using Carousel.Stages;

namespace Carousel.Validation.Reservations;

/// <summary>
/// Customers, stock and reservations. A transaction is all or nothing and durable once committed; transactions of one store run one after another.
/// </summary>
internal interface IReservationStore : IAsyncDisposable
{
    /// <summary>Runs the work in one transaction and commits it; after any exception nothing of it is there.</summary>
    /// <exception cref="DependencyUnavailableException">The database is locked, full, failing or gone. Trying again is safe, also after a commit whose end is unknown.</exception>
    ValueTask<T> InTransactionAsync<T>(Func<IReservationTransaction, ValueTask<T>> work, CancellationToken cancellationToken);
}

/// <summary>One open transaction. Each call is one set-based step, whatever the number of rows; ids may come in any order and more than once.</summary>
internal interface IReservationTransaction
{
    /// <summary>Those of the orders that are known.</summary>
    ValueTask<Dictionary<OrderId, Reservation>> FindReservationsAsync(IReadOnlyCollection<OrderId> ids);

    /// <summary>Those of the customers that are known.</summary>
    ValueTask<Dictionary<string, CustomerStatus>> FindCustomersAsync(IReadOnlyCollection<string> ids);

    /// <summary>Those of the items that are known, locked in SKU order until the transaction ends.</summary>
    ValueTask<Dictionary<string, StockRow>> FindStockAsync(IReadOnlyCollection<string> skus);

    /// <summary>Adds orders that were not known.</summary>
    ValueTask AddReservationsAsync(IReadOnlyCollection<Reservation> reservations);

    /// <summary>Writes state, reason, detail, payment and settledAt of orders that are known.</summary>
    ValueTask SettleReservationsAsync(IReadOnlyCollection<Reservation> reservations);

    /// <summary>Changes items that are known. A change that would make a quantity negative is a broken invariant and throws.</summary>
    ValueTask ChangeStockAsync(IReadOnlyCollection<StockChange> changes);

    /// <summary>Adds customers, or changes their status.</summary>
    ValueTask PutCustomersAsync(IReadOnlyCollection<Customer> customers);

    /// <summary>Adds items, or sets initial and available of known ones.</summary>
    ValueTask PutStockAsync(IReadOnlyCollection<StockRow> rows);
}
