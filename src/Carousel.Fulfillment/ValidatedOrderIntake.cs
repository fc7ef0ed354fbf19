using System.Text;
using Carousel.Fulfillment.Payments;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;

namespace Carousel.Fulfillment;

/// <summary>Reads records of <c>orders-validated</c>. Validation checked the order itself; bytes, key and status show whether it was validation that wrote it.</summary>
internal sealed class ValidatedOrderIntake(ValueCodec<ValidatedOrder> values, OrderPartitioning partitioning)
{
    /// <summary>An order and the charge to ask for, or why there is none.</summary>
    /// <exception cref="RegistryUnavailableException">The writer's schema isn't known yet, and the registry is away.</exception>
    public async ValueTask<(ValidatedOrder? Validated, ChargeRequest? Request, Outcome.DeadLettered? Defect)> ReadAsync(SourceRecord record, CancellationToken cancellationToken)
    {
        Decoded<ValidatedOrder> decoded = await values.DecodeAsync(record.Value is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null, cancellationToken);
        if (decoded.Value is not { } validated)
        {
            return Defect(decoded.Defect!.Reason, $"The record can't be read as a validated order: {decoded.Defect.Detail}.", null);
        }

        Order order = validated.Order;
        string subject = order.OrderId.ToString();
        string wanted = partitioning == OrderPartitioning.Customer ? order.CustomerId : subject;
        if (record.Key is not { } key || !key.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(wanted)))
        {
            string field = partitioning == OrderPartitioning.Customer ? "customerId" : "orderId";
            return Defect(DeadLetterReasons.WrongKey, $"The record's key must be its {field}; found {(record.Key is null ? "null" : "other bytes")}.", subject);
        }

        if (order.Status != OrderStatus.Validated)
        {
            return Defect(DeadLetterReasons.WrongStatus, $"An order is charged when it is VALIDATED; found {order.Status.ToString().ToUpperInvariant()}.", subject);
        }

        try
        {
            var request = new ChargeRequest(ChargeReference.Of(order.OrderId), subject, order.Amount, order.Currency, order.PaymentToken);
            return (validated, request, null);
        }
        catch (ArgumentException e)
        {
            // The payment port takes narrower ids and tokens than an order may have; nothing was sent, and nothing ever can be.
            return Defect(DeadLetterReasons.PaymentRefused, $"No charge can be asked for: {e.Message}", subject);
        }
    }

    private static (ValidatedOrder?, ChargeRequest?, Outcome.DeadLettered?) Defect(string reason, string detail, string? subject) =>
        (null, null, new Outcome.DeadLettered(DeadLetterKind.Defect, reason, detail.Length <= FulfillmentReasons.DetailLengthMax ? detail : detail[..FulfillmentReasons.DetailLengthMax], subject));
}
