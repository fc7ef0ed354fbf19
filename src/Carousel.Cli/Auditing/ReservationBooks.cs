using System.Runtime.CompilerServices;
using Carousel.Monitor.Audit;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using AuditedState = Carousel.Monitor.Audit.ReservationState;
using ReservationState = Carousel.Validation.Reservations.ReservationState;

namespace Carousel.Cli.Auditing;

/// <summary>Shows the auditor validation's reservations.</summary>
internal sealed class ReservationBooks(IReservationReader reservations) : IBooks
{
    public async ValueTask<IBooksSnapshot> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new BooksSnapshot(await reservations.OpenSnapshotAsync(cancellationToken));
        }
        catch (Exception e) when (e is ReservationsMissingException or DependencyUnavailableException)
        {
            throw new AuditException(e.Message, e);
        }
    }

    private sealed class BooksSnapshot(IReservationSnapshot snapshot) : IBooksSnapshot
    {
        public async IAsyncEnumerable<ReservationEntry> ReservationsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (Reservation row in snapshot.ReadReservationsAsync(cancellationToken))
            {
                yield return new ReservationEntry(
                    row.OrderId.ToString(),
                    State(row.State),
                    row.Reason,
                    row.Amount,
                    row.Currency,
                    [.. row.Items.Select(item => new SkuQuantity(item.Sku, item.Quantity))],
                    row.PaymentId);
            }
        }

        public async IAsyncEnumerable<StockEntry> StockAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (StockRow row in snapshot.ReadStockAsync(cancellationToken))
            {
                yield return new StockEntry(row.Sku, row.Initial, row.Available, row.Reserved, row.Sold);
            }
        }

        public ValueTask DisposeAsync() => snapshot.DisposeAsync();

        private static AuditedState State(ReservationState state) => state switch
        {
            ReservationState.Reserved => AuditedState.Reserved,
            ReservationState.Sold => AuditedState.Sold,
            ReservationState.Rejected => AuditedState.Rejected,
            ReservationState.Released => AuditedState.Released,
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "unknown state of a reservation"),
        };
    }
}
