namespace Carousel.Monitor.Audit;

/// <summary>
/// The log as the audit reads it: only what is committed, each partition from its beginning to an end that was taken before.
/// Every failure is an <see cref="AuditException"/>.
/// </summary>
public interface IAuditLog
{
    /// <summary>Beginning and end of every partition now. The end counts open transactions too, so that nothing written before is missed.</summary>
    ValueTask<IReadOnlyList<PartitionRange>> RangesAsync(string topic, CancellationToken cancellationToken);

    /// <summary>What the group has committed, per partition; partitions without a committed offset are left out.</summary>
    ValueTask<IReadOnlyDictionary<int, long>> CommittedAsync(string group, string topic, CancellationToken cancellationToken);

    /// <summary>
    /// The committed records of the range, in offset order and in batches. Complete when every offset below the end was delivered, or is known to
    /// hold nothing for a reader: a transaction marker, or a record that was aborted or compacted away.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<AuditRecord>> ReadAsync(string topic, PartitionRange range, CancellationToken cancellationToken);
}

/// <param name="End">The offset after the last.</param>
public readonly record struct PartitionRange(int Partition, long Beginning, long End);

/// <summary>A record as a reader sees it.</summary>
public readonly record struct AuditRecord(int Partition, long Offset, byte[]? Key, byte[]? Value);

/// <summary>The audit couldn't be made: something it reads is away or answers nonsense. It says nothing about the books.</summary>
public sealed class AuditException(string message, Exception? innerException = null) : Exception(message, innerException);
