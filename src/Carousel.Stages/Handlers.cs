namespace Carousel.Stages;

/// <summary>A record that is to be handled, and how often that was tried.</summary>
/// <param name="Attempt">1 for the first. Attempts of a former owner of the partition count.</param>
/// <param name="Age">Time since the first attempt, without that in which a dependency was away, or nobody had the record after its wait was over.</param>
/// <param name="IsLastAttempt">An <see cref="Outcome.Retry"/> now becomes an EXHAUSTED dead letter.</param>
public readonly record struct Delivery(SourceRecord Record, int Attempt, TimeSpan Age, bool IsLastAttempt);

/// <summary>
/// Handles one record at a time per key, thousands of keys at once. Effects outside the log must be idempotent: a record comes again after a crash
/// or a rebalance. An exception is a broken invariant and halts the stage; everything expected is an <see cref="Outcome"/>.
/// </summary>
public interface IRecordHandler
{
    /// <param name="cancellationToken">Cancelled when the partition is gone or the stage stops; the result is then dropped.</param>
    ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken);
}

/// <summary>
/// Handles an ordered micro-batch: records of one partition in offset order, one batch at a time. Returns one outcome per record, in the same order;
/// <see cref="Outcome.Retry"/> isn't among them, since later records of the key were handled already.
/// Throws <see cref="DependencyUnavailableException"/> when nothing was decided because a dependency is away; the same records come again.
/// </summary>
public interface IBatchHandler
{
    /// <param name="cancellationToken">Cancelled when the stage stops and the time to drain is over; the results are then dropped.</param>
    ValueTask<IReadOnlyList<Outcome>> HandleAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken);
}

/// <summary>Makes the record that carries a dead letter. The engine adds nothing to it.</summary>
public interface IDeadLetterWriter
{
    /// <exception cref="DependencyUnavailableException">What is needed to write it is away; the record waits.</exception>
    ValueTask<OutputRecord> WriteAsync(SourceRecord source, Outcome.DeadLettered outcome, int attempts, DateTime failedAt, CancellationToken cancellationToken);
}

/// <summary>Something that every record needs is away: the stage's circuit opens, and nothing is counted against the records.</summary>
public sealed class DependencyUnavailableException(string dependency, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public string Dependency { get; } = dependency;
}
