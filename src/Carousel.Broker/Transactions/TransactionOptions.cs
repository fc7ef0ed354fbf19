using System.ComponentModel.DataAnnotations;

namespace Carousel.Broker.Transactions;

/// <summary>How the transaction coordinator behaves.</summary>
internal sealed class TransactionOptions
{
    /// <summary>
    /// The longest transaction a producer may ask for (transaction.max.timeout.ms): readers of committed records wait that long for a producer that died.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int TimeoutMsMax { get; set; } = 15 * 60 * 1000;

    /// <summary>
    /// How often transactions that took too long are looked for, and ends that the disk refused are tried again. Kafka's ten seconds
    /// (transaction.abort.timed.out.transaction.cleanup.interval.ms) would be ten more for every reader; looking costs a microsecond per ten ids.
    /// </summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a transactional id that nobody uses is remembered (transactional.id.expiration.ms).</summary>
    public TimeSpan IdExpiry { get; set; } = TimeSpan.FromDays(7);
}
