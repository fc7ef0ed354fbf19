using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Settlement;

/// <summary>How fulfillment ended an order.</summary>
/// <param name="State">Sold or Released.</param>
internal sealed record OrderEnd(
    OrderId OrderId,
    ReservationState State,
    DateTime At,
    string? PaymentId,
    string? Reason,
    string? Detail,
    RecordPosition Source);

/// <summary>Reads what may end an order from the two topics that fulfillment writes.</summary>
internal sealed class SettlementIntake(CarouselTopics topics, OrderValues values)
{
    private const string FulfillmentStage = "fulfillment";

    /// <summary>The end that the record tells of; or neither, where it ends no order; or what is wrong with it.</summary>
    /// <exception cref="RegistryUnavailableException">The writer's schema isn't known yet, and the registry is away.</exception>
    public async ValueTask<(OrderEnd? End, string? Defect)> ReadAsync(SourceRecord record, CancellationToken cancellationToken)
    {
        var source = new RecordPosition(record.Partition, record.Offset);
        ReadOnlyMemory<byte>? bytes = record.Value is { } value ? value : null;
        if (record.Partition.Topic == topics.OrdersFulfilled)
        {
            Decoded<FulfilledOrder> fulfilled = await values.Fulfilled.DecodeAsync(bytes, cancellationToken);
            return fulfilled.Value is { } order ? (Sold(order, source), null) : (null, fulfilled.Defect!.Detail);
        }

        if (record.Partition.Topic == topics.OrdersDeadLetters)
        {
            Decoded<DeadLetter> letter = await values.DeadLetters.DecodeAsync(bytes, cancellationToken);
            return letter.Value is { } dead ? Released(dead, source) : (null, letter.Defect!.Detail);
        }

        throw new InvalidOperationException($"Settlement reads {topics.OrdersFulfilled} and {topics.OrdersDeadLetters}, and was given a record of {record.Partition.Topic}.");
    }

    private static OrderEnd Sold(FulfilledOrder fulfilled, RecordPosition source) =>
        new(fulfilled.Order.OrderId, ReservationState.Sold, fulfilled.FulfilledAt, fulfilled.Payment.PaymentId, null, null, source);

    private static (OrderEnd? End, string? Defect) Released(DeadLetter letter, RecordPosition source)
    {
        if (letter is not { Category: DeadLetterCategory.Rejection, Stage: FulfillmentStage })
        {
            return (null, null);
        }

        return OrderId.TryParse(letter.OrderId, out OrderId id)
            ? (new OrderEnd(id, ReservationState.Released, letter.FailedAt, null, letter.Reason, DetailText.Bounded(letter.Detail), source), null)
            : (null, "a rejection of fulfillment that names no order releases nothing");
    }
}
