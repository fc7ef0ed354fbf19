using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Microsoft.Extensions.Logging;

namespace Carousel.Validation.Reservations;

/// <summary>
/// The validation stage: reads the orders of a batch, decides them in one SQL transaction, and turns decisions into outcomes. The transaction commits
/// before the log does; when the log's commit is lost the same records come again and get the recorded decisions, to the microsecond.
/// </summary>
public sealed partial class ValidationHandler : IBatchHandler
{
    private const string RegistryDependency = "schema registry";

    private readonly IReservationStore _store;
    private readonly OrderIntake _intake;
    private readonly CarouselTopics _topics;
    private readonly ValueCodec<ValidatedOrder> _validated;
    private readonly ValidationMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    internal ValidationHandler(IReservationStore store, ValidationOptions options, ValidationParts parts)
    {
        _store = store;
        _intake = new OrderIntake(parts.Values.Orders, options.Partitioning);
        _topics = parts.Topics;
        _validated = parts.Values.Validated;
        _metrics = new ValidationMetrics(parts.Meters);
        _logger = parts.Loggers.CreateLogger<ValidationHandler>();
        _time = parts.Time;
    }

    public async ValueTask<IReadOnlyList<Outcome>> HandleAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        try
        {
            return await DecideAsync(records, cancellationToken);
        }
        catch (RegistryUnavailableException e)
        {
            throw new DependencyUnavailableException(RegistryDependency, e.Message, e);
        }
    }

    private async ValueTask<IReadOnlyList<Outcome>> DecideAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        var intakes = new Intake[records.Count];
        var candidates = new List<OrderCandidate>(records.Count);
        for (int i = 0; i < intakes.Length; i++)
        {
            intakes[i] = await _intake.ReadAsync(records[i], cancellationToken);
            if (intakes[i].Candidate is { } candidate)
            {
                candidates.Add(candidate);
            }
        }

        Decision[] decisions = candidates.Count == 0 ? [] : await DecideAsync(candidates, cancellationToken);
        var outcomes = new Outcome[intakes.Length];
        for (int i = 0, decided = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = intakes[i].Candidate is { } candidate
                ? await OutcomeAsync(decisions[decided++], candidate, records[i], cancellationToken)
                : intakes[i].Defect!;
        }

        Report(records, intakes, decisions);
        return outcomes;
    }

    private async ValueTask<Decision[]> DecideAsync(List<OrderCandidate> candidates, CancellationToken cancellationToken)
    {
        // Microseconds are what the topics and the database keep, so that a repeated outcome carries the very same time.
        DateTime now = _time.GetUtcNow().UtcDateTime;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        long started = _time.GetTimestamp();
        Decision[] decisions = await _store.InTransactionAsync(
            async transaction =>
            {
                var batch = new BatchDecisions(
                    await transaction.FindReservationsAsync([.. candidates.Select(candidate => candidate.Order.OrderId)]),
                    await transaction.FindCustomersAsync([.. candidates.Select(candidate => candidate.Order.CustomerId).Distinct(StringComparer.Ordinal)]),
                    await transaction.FindStockAsync([.. candidates.SelectMany(candidate => candidate.Items).Select(item => item.Sku).Distinct(StringComparer.Ordinal)]),
                    now);
                Decision[] decided = [.. candidates.Select(batch.Decide)];
                await transaction.ChangeStockAsync(batch.Changes);
                await transaction.AddReservationsAsync(batch.Added);
                return decided;
            },
            cancellationToken);
        _metrics.Transaction(_time.GetElapsedTime(started), candidates.Count);
        return decisions;
    }

    private async ValueTask<Outcome> OutcomeAsync(Decision decision, OrderCandidate candidate, SourceRecord record, CancellationToken cancellationToken)
    {
        Reservation recorded = decision.Recorded;
        string subject = recorded.OrderId.ToString();
        switch (decision.Kind)
        {
            case DecisionKind.Duplicate:
                return Outcome.Nothing;

            case DecisionKind.Conflict:
                // Business refuses nothing here: one id was given to two orders, and the second was accepted by somebody. That is a fault of whoever
                // makes ids or reuses keys, and even a single one deserves a look at once, so it is a defect rather than one rejection among many.
                return new Outcome.DeadLettered(
                    DeadLetterKind.Defect,
                    DeadLetterReasons.ConflictingDuplicate,
                    $"Another order came first under this id, in {recorded.Source}; it stands as {recorded.State.ToString().ToUpperInvariant()}. Give this one an id of its own.",
                    subject);

            case DecisionKind.New or DecisionKind.Repeated when recorded.State == ReservationState.Rejected:
                return new Outcome.DeadLettered(DeadLetterKind.Rejection, recorded.Reason!, recorded.Detail!, subject, recorded.DecidedAt);

            default:
                var validated = new ValidatedOrder(candidate.Order with { Status = OrderStatus.Validated }, recorded.DecidedAt);
                byte[] value = await _validated.EncodeAsync(validated, cancellationToken);
                return new Outcome.Completed([new OutputRecord(_topics.OrdersValidated, Partition: null, record.Key, value, Carried(record))]);
        }
    }

    private static IReadOnlyList<RecordHeader> Carried(SourceRecord record) =>
        record.HeaderValue(OrderHeaders.Client) is { } client ? [new RecordHeader(OrderHeaders.Client, client)] : [];

    private void Report(IReadOnlyList<SourceRecord> records, Intake[] intakes, Decision[] decisions)
    {
        for (int i = 0, decided = 0; i < intakes.Length; i++)
        {
            if (intakes[i].Candidate is null)
            {
                _metrics.Defect(intakes[i].Defect!.Reason);
                continue;
            }

            Decision decision = decisions[decided++];
            _metrics.Decided(decision);
            if (decision.Kind == DecisionKind.Conflict)
            {
                LogConflict(_logger, decision.Recorded.OrderId, decision.Recorded.Source, new RecordPosition(records[i].Partition, records[i].Offset));
            }
        }

        LogBatch(_logger, intakes.Length, decisions.Length);
    }
}
