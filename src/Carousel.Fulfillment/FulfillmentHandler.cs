using Carousel.Fulfillment.Payments;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Microsoft.Extensions.Logging;

namespace Carousel.Fulfillment;

/// <summary>
/// The fulfillment stage: charges a validated order and says what came of it. It keeps nothing; a record that comes again asks for the same charge
/// under the same reference, and the provider answers with the first one.
/// </summary>
public sealed partial class FulfillmentHandler : IRecordHandler
{
    private readonly ValidatedOrderIntake _intake;
    private readonly ChargeFlow _flow;
    private readonly ChargeFlowOptions _flowOptions;
    private readonly CarouselTopics _topics;
    private readonly ValueCodec<FulfilledOrder> _fulfilled;
    private readonly FulfillmentMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <param name="flowOptions">Those of <paramref name="flow"/>.</param>
    public FulfillmentHandler(ChargeFlow flow, ChargeFlowOptions flowOptions, FulfillmentOptions options, FulfillmentParts parts)
    {
        _intake = new ValidatedOrderIntake(parts.Values.Validated, options.Partitioning);
        _flow = flow;
        _flowOptions = flowOptions;
        _topics = parts.Topics;
        _fulfilled = parts.Values.Fulfilled;
        _metrics = new FulfillmentMetrics(parts.Meters);
        _logger = parts.Loggers.CreateLogger<FulfillmentHandler>();
        _time = parts.Time;
    }

    public async ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            (ValidatedOrder? validated, ChargeRequest? request, Outcome.DeadLettered? defect) = await _intake.ReadAsync(delivery.Record, cancellationToken);
            if (defect is not null)
            {
                _metrics.Count("defect");
                return defect;
            }

            ChargeDecision decision = await _flow.ExecuteAsync(request!, Attempt(delivery), Age(validated!), cancellationToken);
            return decision is ChargeDecision.Captured captured
                ? await FulfilledAsync(validated!, captured, delivery.Record, cancellationToken)
                : NotCharged(decision, validated!.Order.OrderId);
        }
        catch (RegistryUnavailableException e)
        {
            // A charge that was captured meanwhile is captured again when the record comes back: the same one.
            _metrics.Count("unavailable");
            return new Outcome.Unavailable("schema registry", e.Message);
        }
    }

    /// <summary>The stage may end a record by its age while the flow still has attempts; the flow then has to look the charge up now or never.</summary>
    private int Attempt(Delivery delivery) => delivery.IsLastAttempt ? Math.Max(delivery.Attempt, _flowOptions.AttemptsMax) : delivery.Attempt;

    /// <summary>Since it could first have been charged, in whatever process.</summary>
    private TimeSpan Age(ValidatedOrder validated)
    {
        TimeSpan age = _time.GetUtcNow().UtcDateTime - validated.ValidatedAt;
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    private async ValueTask<Outcome> FulfilledAsync(ValidatedOrder validated, ChargeDecision.Captured captured, SourceRecord record, CancellationToken cancellationToken)
    {
        var fulfilled = new FulfilledOrder(
            validated.Order with { Status = OrderStatus.Fulfilled },
            validated.ValidatedAt,
            new Payment(captured.PaymentId, captured.Amount, captured.Currency, Microseconds(captured.ChargedAt)),
            Microseconds(_time.GetUtcNow()));
        byte[] value = await _fulfilled.EncodeAsync(fulfilled, cancellationToken);
        IReadOnlyList<RecordHeader> headers = record.HeaderValue(OrderHeaders.Client) is { } client ? [new RecordHeader(OrderHeaders.Client, client)] : [];
        _metrics.Count("fulfilled");
        LogFulfilled(_logger, validated.Order.OrderId, captured.PaymentId);
        return new Outcome.Completed([new OutputRecord(_topics.OrdersFulfilled, Partition: null, record.Key, value, headers)]);
    }

    private Outcome NotCharged(ChargeDecision decision, OrderId orderId)
    {
        string subject = orderId.ToString();
        switch (decision)
        {
            case ChargeDecision.Declined declined:
                _metrics.Count("declined");
                return DeadLetter(DeadLetterKind.Rejection, DeadLetterReasons.PaymentDeclined, $"The payment was declined ({declined.Code}): {declined.Message}", subject);

            case ChargeDecision.Refused refused:
                _metrics.Count("refused");
                LogRefused(_logger, orderId, refused.Reason);
                return DeadLetter(DeadLetterKind.Defect, DeadLetterReasons.PaymentRefused, $"The payment provider refused the request: {refused.Reason}", subject);

            case ChargeDecision.GiveUp giveUp:
                _metrics.Count("exhausted");
                LogGivenUp(_logger, orderId, giveUp.Reason);
                return DeadLetter(DeadLetterKind.Exhausted, giveUp.IsOutcomeUnknown ? DeadLetterReasons.PaymentUnknown : FulfillmentReasons.PaymentNotExecuted, giveUp.Reason, subject);

            case ChargeDecision.RetryLater { IsUnavailable: true } down:
                _metrics.Count("unavailable");
                return new Outcome.Unavailable("payment provider", down.Reason);

            case ChargeDecision.RetryLater later:
                _metrics.Count("retry");
                return new Outcome.Retry(DeadLetterReasons.PaymentUnknown, Bounded(later.Reason), subject, later.After);

            default:
                throw new InvalidOperationException($"There is no outcome for {decision.GetType().Name}.");
        }
    }

    private static Outcome.DeadLettered DeadLetter(DeadLetterKind kind, string reason, string detail, string subject) => new(kind, reason, Bounded(detail), subject);

    private static string Bounded(string text) => text.Length <= FulfillmentReasons.DetailLengthMax ? text : string.Concat(text.AsSpan(0, FulfillmentReasons.DetailLengthMax - 1), "…");

    /// <summary>The precision that the topics keep.</summary>
    private static DateTime Microseconds(DateTimeOffset time) => time.UtcDateTime.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
