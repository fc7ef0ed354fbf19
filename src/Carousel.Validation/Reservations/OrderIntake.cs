using System.Text;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;

namespace Carousel.Validation.Reservations;

/// <summary>Reads records of <c>orders</c>: bytes, key, status and rules. What passes is a sound order; whether it may be served is decided elsewhere.</summary>
internal sealed class OrderIntake(ValueCodec<Order> values, OrderPartitioning partitioning)
{
    /// <summary>Longer than any name a gateway gives its clients; whoever wrote more is no client of ours.</summary>
    private const int ClientBytesMax = 256;

    /// <exception cref="RegistryUnavailableException">The writer's schema isn't known yet, and the registry is away.</exception>
    public async ValueTask<Intake> ReadAsync(SourceRecord record, CancellationToken cancellationToken)
    {
        Decoded<Order> decoded = await values.DecodeAsync(record.Value is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null, cancellationToken);
        return decoded.Value is { } order
            ? Read(order, record)
            : Defect(decoded.Defect!.Reason, $"The record can't be read as an order: {decoded.Defect.Detail}.", null);
    }

    private Intake Read(Order order, SourceRecord record)
    {
        string subject = order.OrderId.ToString();
        (string field, string wanted) = partitioning == OrderPartitioning.Customer ? ("customerId", order.CustomerId) : ("orderId", subject);
        if (record.Key is not { } key || !key.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(wanted)))
        {
            string found = record.Key is null ? "null" : "other bytes";
            return Defect(DeadLetterReasons.WrongKey, $"The record's key must be its {field}, so that orders keep their sequence; found {found}.", subject);
        }

        if (order.Status != OrderStatus.Created)
        {
            return Defect(DeadLetterReasons.WrongStatus, $"An order comes in as CREATED; found {order.Status.ToString().ToUpperInvariant()}.", subject);
        }

        IReadOnlyList<RuleViolation> violations = OrderRules.Check(order);
        if (violations.Count > 0)
        {
            return Defect(violations[0].Code, string.Join(" ", violations.Select(violation => $"{violation.Field}: {violation.Message}")), subject);
        }

        var source = new RecordPosition(record.Partition, record.Offset);
        return new Intake(new OrderCandidate(order, OrderFingerprint.Of(order), source, Client(record), OrderCandidate.SumLines(order.Lines)), null);
    }

    private static string? Client(SourceRecord record) =>
        record.HeaderValue(OrderHeaders.Client) is { Length: > 0 and <= ClientBytesMax } name ? Encoding.UTF8.GetString(name) : null;

    private static Intake Defect(string reason, string detail, string? subject) =>
        new(null, new Outcome.DeadLettered(DeadLetterKind.Defect, reason, DetailText.Bounded(detail), subject));
}

/// <summary>An order to decide, or why there is none: one of the two is null.</summary>
internal readonly record struct Intake(OrderCandidate? Candidate, Outcome.DeadLettered? Defect);
