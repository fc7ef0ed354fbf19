using System.Text.RegularExpressions;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>ListTransactions: the transactional ids that pass all filters.</summary>
internal sealed class ListTransactionsHandler(TransactionCoordinator transactions, TimeProvider time)
    : ApiHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    /// <summary>States that Kafka has and this coordinator never shows: a filter may name them.</summary>
    private static readonly string[] StatesUnused = ["Dead", "PrepareEpochFence"];

    private static readonly HashSet<string> StatesKnown = new([.. Enum.GetNames<TransactionState>(), .. StatesUnused], StringComparer.Ordinal);

    protected override ValueTask<ListTransactionsResponse?> HandleAsync(ListTransactionsRequest request, RequestContext context)
    {
        if (!TryPattern(request.TransactionalIdPattern, out Regex? pattern))
        {
            return new(new ListTransactionsResponse { ErrorCode = ErrorCode.InvalidRegularExpression });
        }

        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new(new ListTransactionsResponse
        {
            UnknownStateFilters = [.. request.StateFilters.Where(state => !StatesKnown.Contains(state))],
            TransactionStates =
            [
                .. from id in transactions.List()
                   where Passes(request, id.Metadata, now) && (pattern?.IsMatch(id.Name) ?? true)
                   select new ListTransactionsResponse.TransactionStateValue
                   {
                       TransactionalId = id.Name,
                       ProducerId = id.Metadata.ProducerId,
                       TransactionState = id.Metadata.State.ToString(),
                   },
            ],
        });
    }

    /// <summary>As in Kafka, an id without a transaction passes every duration.</summary>
    private static bool Passes(ListTransactionsRequest request, TransactionMetadata metadata, long now) =>
        (request.ProducerIdFilters.Length == 0 || request.ProducerIdFilters.Contains(metadata.ProducerId))
        && (request.StateFilters.Length == 0 || request.StateFilters.Contains(metadata.State.ToString(), StringComparer.Ordinal))
        && (request.DurationFilter < 0 || now - metadata.StartTimestamp > request.DurationFilter);

    /// <summary>The whole id must match, in time linear to its length: the expression is a stranger's (RE2 in Kafka; KIP-1152).</summary>
    private static bool TryPattern(string? expression, out Regex? pattern)
    {
        pattern = null;
        if (string.IsNullOrEmpty(expression))
        {
            return true;
        }

        try
        {
            pattern = new Regex($@"\A(?:{expression})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
