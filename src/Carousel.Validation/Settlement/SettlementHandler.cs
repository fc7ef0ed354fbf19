using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using Microsoft.Extensions.Logging;

namespace Carousel.Validation.Settlement;

/// <summary>
/// Ends reservations by what fulfillment wrote: a fulfilled order sells its stock, a rejection gives it back. EXHAUSTED ends nothing, since the money may
/// have moved. It writes nothing to the log, and a record that can't be read is never dead-lettered: it may be a dead letter itself.
/// </summary>
public sealed partial class SettlementHandler : IBatchHandler
{
    /// <summary>A database that was lost or restored makes every record one to tell of; the first of a batch say enough.</summary>
    private const int ToldPerBatchMax = 20;

    private readonly IReservationStore _store;
    private readonly SettlementIntake _intake;
    private readonly SettlementMetrics _metrics;
    private readonly ILogger _logger;

    internal SettlementHandler(IReservationStore store, ValidationParts parts)
    {
        _store = store;
        _intake = new SettlementIntake(parts.Topics, parts.Values);
        _metrics = new SettlementMetrics(parts.Meters);
        _logger = parts.Loggers.CreateLogger<SettlementHandler>();
    }

    public async ValueTask<IReadOnlyList<Outcome>> HandleAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        var settlements = new List<OrderEnd>(records.Count);
        foreach (SourceRecord record in records)
        {
            OrderEnd? end = await ReadAsync(record, cancellationToken);
            if (end is not null)
            {
                settlements.Add(end);
            }
        }

        if (settlements.Count > 0)
        {
            Report(settlements, await SettleAsync(settlements, cancellationToken));
        }

        var outcomes = new Outcome[records.Count];
        Array.Fill(outcomes, Outcome.Nothing);
        return outcomes;
    }

    private async ValueTask<OrderEnd?> ReadAsync(SourceRecord record, CancellationToken cancellationToken)
    {
        try
        {
            (OrderEnd? end, string? defect) = await _intake.ReadAsync(record, cancellationToken);
            if (defect is not null)
            {
                _metrics.Count(SettlementMetrics.Undecodable);
                LogUndecodable(_logger, new RecordPosition(record.Partition, record.Offset), DetailText.Bounded(defect));
            }

            return end;
        }
        catch (RegistryUnavailableException e)
        {
            throw new DependencyUnavailableException("schema registry", e.Message, e);
        }
    }

    private ValueTask<SettlementResult[]> SettleAsync(List<OrderEnd> ends, CancellationToken cancellationToken) => _store.InTransactionAsync(
        async transaction =>
        {
            var batch = new BatchSettlement(await transaction.FindReservationsAsync([.. ends.Select(end => end.OrderId)]));
            SettlementResult[] results = [.. ends.Select(batch.Settle)];
            await transaction.SettleReservationsAsync(batch.Settled);
            await transaction.ChangeStockAsync(batch.Changes);
            return results;
        },
        cancellationToken);

    private void Report(List<OrderEnd> ends, SettlementResult[] results)
    {
        int told = 0;
        foreach ((OrderEnd end, SettlementResult result) in ends.Zip(results))
        {
            _metrics.Count(result);
            if (result is SettlementResult.UnknownOrder or SettlementResult.Impossible && told++ < ToldPerBatchMax)
            {
                Tell(end, result);
            }
        }

        if (told > ToldPerBatchMax)
        {
            LogMore(_logger, told - ToldPerBatchMax);
        }

        LogBatch(_logger, ends.Count);
    }

    private void Tell(OrderEnd end, SettlementResult result)
    {
        if (result == SettlementResult.UnknownOrder)
        {
            LogUnknownOrder(_logger, end.OrderId, end.Source);
        }
        else
        {
            LogImpossible(_logger, end.OrderId, end.State, end.Source);
        }
    }
}
