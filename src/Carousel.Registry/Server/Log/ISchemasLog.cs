namespace Carousel.Registry.Server.Log;

/// <summary>One record of the `_schemas` topic, as bytes; no value deletes what the key stands for.</summary>
internal readonly record struct LogEntry(byte[] Key, byte[]? Value);

/// <summary>What a writer decided after seeing everything before it: the answer, and what to append (nothing, if it is there already).</summary>
internal sealed record Decision<T>(T Result, IReadOnlyList<LogEntry> Entries);

/// <summary>
/// The ordered log that holds the registry. All that any instance knows comes from reading it from the start; writers take turns,
/// across instances too: a decision is appended whole, and only if nobody else has appended since it was made.
/// </summary>
internal interface ISchemasLog : IAsyncDisposable
{
    /// <summary>Names the cluster in GET /v1/metadata/id; empty until caught up.</summary>
    string ClusterId { get; }

    /// <summary>Everything that was in the log at start has been applied.</summary>
    bool IsCaughtUp { get; }

    /// <summary>Feeds every entry in order to <paramref name="apply"/> from one thread at a time, until cancelled.</summary>
    /// <exception cref="SchemasLogException">The log can't be used as it is, for instance a topic with two partitions.</exception>
    Task RunAsync(Action<LogEntry> apply, CancellationToken cancellationToken);

    /// <summary>Ends when <see cref="IsCaughtUp"/> becomes true.</summary>
    Task WaitUntilCaughtUpAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Calls <paramref name="decide"/> once everything before is applied, appends what it says and returns its result once that is applied too.
    /// It may be called again when another instance got in between. What it throws comes out here, and nothing is appended.
    /// </summary>
    /// <exception cref="SchemasLogException">The log gave no answer within the time limit.</exception>
    Task<T> AppendAsync<T>(Func<Decision<T>> decide, CancellationToken cancellationToken);
}

/// <summary>The log can't be read or written; <paramref name="isTimeout"/> when it may have been written nevertheless.</summary>
internal sealed class SchemasLogException(string message, bool isTimeout, Exception? innerException = null) : Exception(message, innerException)
{
    public bool IsTimeout => isTimeout;
}
