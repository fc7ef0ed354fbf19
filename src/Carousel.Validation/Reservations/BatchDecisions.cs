using System.Runtime.InteropServices;
using Carousel.Orders;

namespace Carousel.Validation.Reservations;

internal enum DecisionKind
{
    /// <summary>Decided now: stock is reserved, or the order is rejected, as its state says.</summary>
    New,

    /// <summary>This very record was decided before; its outcome never reached the log, or did and comes again.</summary>
    Repeated,

    /// <summary>The same order came in another record, which stands for it.</summary>
    Duplicate,

    /// <summary>Another order came first under this id.</summary>
    Conflict,
}

/// <param name="Recorded">What is in the database under the order's id.</param>
internal readonly record struct Decision(DecisionKind Kind, Reservation Recorded);

/// <summary>
/// Decides the orders of one batch, in record order, on rows that were read at its start, and collects what is to be written at its end. Each order
/// gets all of its items or none.
/// </summary>
internal sealed class BatchDecisions(
    Dictionary<OrderId, Reservation> known,
    Dictionary<string, CustomerStatus> customers,
    Dictionary<string, StockRow> stock,
    DateTime now)
{
    private readonly List<Reservation> _added = [];
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Reservation> Added => _added;

    public IReadOnlyCollection<StockChange> Changes =>
        [.. _taken.Select(taken => new StockChange(taken.Key, Available: -taken.Value, Reserved: taken.Value, Sold: 0))];

    public Decision Decide(OrderCandidate candidate)
    {
        ref Reservation? recorded = ref CollectionsMarshal.GetValueRefOrAddDefault(known, candidate.Order.OrderId, out bool isKnown);
        if (isKnown)
        {
            return new Decision(Compare(candidate, recorded!), recorded!);
        }

        (string Reason, string Detail)? refusal = RefuseCustomer(candidate.Order.CustomerId) ?? RefuseItems(candidate.Items);
        if (refusal is null)
        {
            Take(candidate.Items);
        }

        recorded = Record(candidate, refusal);
        _added.Add(recorded);
        return new Decision(DecisionKind.New, recorded);
    }

    /// <summary>The fingerprint comes first: a topic that was deleted and made anew has other orders at the same offsets.</summary>
    private static DecisionKind Compare(OrderCandidate candidate, Reservation recorded)
    {
        if (!candidate.Fingerprint.AsSpan().SequenceEqual(recorded.Fingerprint))
        {
            return DecisionKind.Conflict;
        }

        return candidate.Source == recorded.Source ? DecisionKind.Repeated : DecisionKind.Duplicate;
    }

    private (string Reason, string Detail)? RefuseCustomer(string id)
    {
        if (!customers.TryGetValue(id, out CustomerStatus status))
        {
            return (DeadLetterReasons.UnknownCustomer, $"Customer {id} isn't known.");
        }

        return status == CustomerStatus.Blocked ? (DeadLetterReasons.BlockedCustomer, $"Customer {id} is blocked.") : null;
    }

    private (string Reason, string Detail)? RefuseItems(IReadOnlyList<ReservedItem> items)
    {
        (string Reason, string Detail)? shortage = null;
        foreach (ReservedItem item in items)
        {
            if (!stock.TryGetValue(item.Sku, out StockRow? row))
            {
                return (DeadLetterReasons.UnknownItem, $"Item {item.Sku} isn't known.");
            }

            long available = row.Available - _taken.GetValueOrDefault(item.Sku);
            if (item.Quantity > available)
            {
                shortage ??= (DeadLetterReasons.OutOfStock, $"Item {item.Sku} is short: {item.Quantity} wanted, {available} available.");
            }
        }

        return shortage;
    }

    private void Take(IReadOnlyList<ReservedItem> items)
    {
        foreach (ReservedItem item in items)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_taken, item.Sku, out _) += item.Quantity;
        }
    }

    private Reservation Record(OrderCandidate candidate, (string Reason, string Detail)? refusal) => new(
        candidate.Order.OrderId,
        refusal is null ? ReservationState.Reserved : ReservationState.Rejected,
        candidate.Fingerprint,
        candidate.Order.CustomerId,
        candidate.Client,
        candidate.Source,
        candidate.Order.Currency,
        candidate.Order.Amount,
        refusal is null ? candidate.Items : [],
        candidate.Order.CreatedAt,
        now,
        Reason: refusal?.Reason,
        Detail: refusal?.Detail);
}
