namespace Carousel.Stages;

/// <summary>What a handler says of a record. One of the nested records.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The record is done; these come out of it, perhaps none.</summary>
    public sealed record Completed(IReadOnlyList<OutputRecord> Outputs) : Outcome;

    /// <summary>The record leaves the flow, with a reason.</summary>
    /// <param name="Subject">The id of what the record is about, where it could be read.</param>
    /// <param name="FailedAt">When it was decided, UTC; null means now. A repeated decision carries the time of the first.</param>
    public sealed record DeadLettered(DeadLetterKind Kind, string Reason, string Detail, string? Subject, DateTime? FailedAt = null) : Outcome;

    /// <summary>The record is to be handled again, after <paramref name="After"/> or the stage's own backoff. Only its own key waits.</summary>
    public sealed record Retry(string Reason, string Detail, string? Subject, TimeSpan? After = null) : Outcome;

    /// <summary>Something that every record needs is away. The stage's circuit opens; nothing is counted against the record.</summary>
    public sealed record Unavailable(string Dependency, string Detail) : Outcome;

    /// <summary>Done, with nothing to write.</summary>
    public static Completed Nothing { get; } = new([]);
}

/// <summary>Why a record left the flow: it can't be processed, business refuses it, or retries ran out.</summary>
public enum DeadLetterKind
{
    Defect,
    Rejection,
    Exhausted,
}
