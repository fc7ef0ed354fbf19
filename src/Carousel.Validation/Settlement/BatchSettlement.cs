using System.Runtime.InteropServices;
using Carousel.Orders;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Settlement;

internal enum SettlementResult
{
    Sold,
    Released,

    /// <summary>It had ended that way already.</summary>
    Repeated,

    /// <summary>Validation has no reservation of it.</summary>
    UnknownOrder,

    /// <summary>It had ended otherwise, or was never validated, or another payment claims it. Nothing was changed.</summary>
    Impossible,
}

/// <summary>Ends the orders of one batch, in record order, on reservations that were read at its start, and collects what is to be written at its end.</summary>
internal sealed class BatchSettlement(Dictionary<OrderId, Reservation> known)
{
    private readonly Dictionary<OrderId, Reservation> _settled = [];
    private readonly Dictionary<string, StockChange> _changes = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Reservation> Settled => _settled.Values;

    public IReadOnlyCollection<StockChange> Changes => _changes.Values;

    public SettlementResult Settle(OrderEnd end)
    {
        if (!known.TryGetValue(end.OrderId, out Reservation? reservation))
        {
            return SettlementResult.UnknownOrder;
        }

        if (reservation.State != ReservationState.Reserved)
        {
            return reservation.State == end.State && reservation.PaymentId == end.PaymentId ? SettlementResult.Repeated : SettlementResult.Impossible;
        }

        Reservation settled = reservation with { State = end.State, SettledAt = end.At, PaymentId = end.PaymentId, Reason = end.Reason, Detail = end.Detail };
        known[end.OrderId] = settled;
        _settled[end.OrderId] = settled;
        Move(settled.Items, isSale: end.State == ReservationState.Sold);
        return end.State == ReservationState.Sold ? SettlementResult.Sold : SettlementResult.Released;
    }

    private void Move(IReadOnlyList<ReservedItem> items, bool isSale)
    {
        foreach (ReservedItem item in items)
        {
            ref StockChange change = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, item.Sku, out _);
            change = new StockChange(
                item.Sku,
                change.Available + (isSale ? 0 : item.Quantity),
                change.Reserved - item.Quantity,
                change.Sold + (isSale ? item.Quantity : 0));
        }
    }
}
