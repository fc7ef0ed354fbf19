using System.Diagnostics.CodeAnalysis;
using Carousel.Broker.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

/// <summary>
/// All partitions of a data directory: opened together, flushed, cleaned and checkpointed by <see cref="RunAsync"/>, closed together. A lock file keeps
/// other processes away.
/// </summary>
internal sealed class PartitionSet : IAsyncDisposable
{
    /// <summary>Every partition there is, whatever its state.</summary>
    public IReadOnlyCollection<Partition> Partitions => throw new NotImplementedException();

    /// <summary>Opens and recovers every partition in the directory; one with broken files is there with its <see cref="Partition.Fault"/>.</summary>
    /// <exception cref="DataDirectoryException">The directory is in use by another process, or can't be used at all.</exception>
    public static Task<PartitionSet> OpenAsync(
        PartitionSetOptions options, IFileSystem files, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public bool TryGet(TopicPartition name, [NotNullWhen(true)] out Partition? partition) => throw new NotImplementedException();

    /// <summary>Makes an empty partition, durably; ready for appends on return.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing is left behind.</exception>
    public Partition Create(TopicPartition name, Guid topicId, LogSettings settings) => throw new NotImplementedException();

    /// <summary>Takes the partition out of service, durably: those who wait get UNKNOWN_TOPIC_OR_PARTITION, its files go in the background. False if there is none.</summary>
    public bool Delete(TopicPartition name) => throw new NotImplementedException();

    /// <summary>Writes recovery points and log starts to disk now.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Flushes, checkpoints, applies retention, compacts and removes, until cancelled. Appends aren't durable unless it runs. Throws when the disk fails to
    /// flush: the process must end then, because what was written can't be trusted any more.
    /// </summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Flushes and closes every partition, marks the directory clean and lets go of it. Call it after <see cref="RunAsync"/> has ended.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>A data directory that can't be used; the message says why and what to do.</summary>
internal sealed class DataDirectoryException(string message, Exception? inner = null) : Exception(message, inner);
