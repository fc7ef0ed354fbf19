using Carousel.Stages.Tests.EndToEnd.Proxied;
using Carousel.Stages.Tests.Log;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Stages.Tests.EndToEnd;

/// <summary>
/// An EndTxn that the client library sent twice, and whose first sending arrives in the midst of the next transaction, commits what there is of it
/// (KAFKA-17754). What keeps the engine from it is its rule that after a slow end the next transaction starts on a fresh producer.
/// </summary>
[OnEveryBroker]
[Collection(KafkaCollection.Name)]
public sealed class TornTransactionTests(ITestOutputHelper output)
{
    private const int LateMax = 4;
    private const int RoundsMax = 6;
    private const int TransactionRecordsMax = 50;

    /// <summary>More transactions than it takes to have every third end late, so many times.</summary>
    private const int RecordCount = 1_500;

    [Fact]
    public async Task A_late_end_tears_the_next_transaction_without_the_rule_and_none_with_it()
    {
        await using ProxiedBroker broker = await ProxiedBroker.StartOrSkipAsync();

        // By a clock that stands still no end is ever slow: the engine is the same but for the rule.
        // A late end misses where the transaction that it meets is a single request; so it is tried until one has hit.
        Result without;
        int round = 0;
        do
        {
            without = await CopyAsync(broker, $"without-{++round}.", new StandingClock(), (late, _) => late.Answers.Count == LateMax);
            output.WriteLine($"Without the rule: {without}");
        }
        while (without.Torn.Count == 0 && round < RoundsMax);

        Result with = await CopyAsync(broker, "with.", TimeProvider.System, (late, copied) => late.Answers.Count == LateMax && copied.ReadOut().Count >= RecordCount);
        output.WriteLine($"With the rule: {with}");

        Assert.Equal(LateMax, without.Answers.Count);
        Assert.Contains(ErrorCode.None, without.Answers);
        Assert.NotEmpty(without.Torn);

        Assert.Equal(LateMax, with.Answers.Count);
        Assert.DoesNotContain(ErrorCode.None, with.Answers);
        Assert.Empty(with.Torn);
        ProxiedBroker.RequireOnceInOrder(with.Records, RecordCount);
    }

    private static async Task<Result> CopyAsync(ProxiedBroker broker, string prefix, TimeProvider time, Func<LateEnds, ProxiedBroker, bool> isOver)
    {
        ProxiedBroker fed = await broker.FeedAsync(prefix, RecordCount);
        var log = new NumberedTransactions(fed.Log, fed.Out);
        var late = new LateEnds(LateMax);
        broker.Proxy.Traffic = late;
        long started = TimeProvider.System.GetTimestamp();
        await fed.CopyAsync([log], time, TransactionRecordsMax, $"{LateMax} ends came late, and all that they let through has come out", () => isOver(late, fed));
        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(started);
        broker.Proxy.Traffic = null;
        IReadOnlyList<CopiedRecord> records = fed.ReadOut();
        return new Result(elapsed, log.Sent.Count, late.Answers, log.Torn(records), records);
    }

    private sealed record Result(TimeSpan Elapsed, int Transactions, IReadOnlyList<ErrorCode> Answers, IReadOnlyList<int> Torn, IReadOnlyList<CopiedRecord> Records)
    {
        public override string ToString() =>
            $"{Torn.Count} of {Transactions} transactions visible in part; {Answers.Count} late ends were answered {string.Join(", ", Answers.CountBy(answer => answer))}; {Elapsed.TotalSeconds:N1} s";
    }

    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
