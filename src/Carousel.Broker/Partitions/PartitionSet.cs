using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Carousel.Broker.Log;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Partitions;

/// <summary>
/// All partitions of a data directory: opened together, flushed, cleaned and checkpointed by <see cref="RunAsync"/>, closed together. A lock file keeps
/// other processes away.
/// </summary>
internal sealed partial class PartitionSet : IAsyncDisposable
{
    private readonly PartitionSetOptions _options;
    private readonly LogContext _context;
    private readonly DataDirectory _directory;
    private readonly LogFlusher _flusher;
    private readonly LogCleaner _cleaner;
    private readonly Retention _retention;
    private readonly PartitionOpener _opener;
    private readonly ConcurrentDictionary<TopicPartition, Partition> _partitions = new();
    private readonly Channel<string> _removals = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _changes = new();
    private readonly SemaphoreSlim _checkpointing = new(1);
    private volatile bool _isDiskBroken;

    private PartitionSet(PartitionSetOptions options, LogContext context, DataDirectory directory)
    {
        (_options, _context, _directory) = (options, context, directory);
        _flusher = new LogFlusher(options.ParallelFlushes);
        _cleaner = new LogCleaner(context, directory.CleanerOffsets, options.CleanerKeysMax);
        _retention = new Retention(context, options.ProducerExpiry);
        _opener = new PartitionOpener(context, directory, _flusher);
    }

    /// <summary>Every partition there is, whatever its state.</summary>
    public IReadOnlyCollection<Partition> Partitions => (IReadOnlyCollection<Partition>)_partitions.Values;

    /// <summary>Opens and recovers every partition in the directory; one with broken files is there with its <see cref="Partition.Fault"/>.</summary>
    /// <exception cref="DataDirectoryException">The directory is in use by another process, or can't be used at all.</exception>
    public static async Task<PartitionSet> OpenAsync(
        PartitionSetOptions options, IFileSystem files, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var context = new LogContext(files, time, loggers.CreateLogger<PartitionSet>(), options.FlushMode);
        DataDirectory directory = DataDirectory.Open(files, options.DataDirectory);
        try
        {
            var set = new PartitionSet(options, context, directory);
            await set.OpenPartitionsAsync(cancellationToken);
            return set;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            directory.Dispose();
            throw new DataDirectoryException($"The data directory {options.DataDirectory} can't be opened: {e.Message}", e);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public bool TryGet(TopicPartition name, [NotNullWhen(true)] out Partition? partition) => _partitions.TryGetValue(name, out partition);

    /// <summary>Makes an empty partition, durably; ready for appends on return.</summary>
    /// <exception cref="IOException">The disk is full or broken, or the partition is there; nothing is left behind.</exception>
    public Partition Create(TopicPartition name, Guid topicId, LogSettings settings)
    {
        lock (_changes)
        {
            if (_partitions.ContainsKey(name))
            {
                throw new IOException($"Partition {name} is there already.");
            }

            return _partitions[name] = _opener.Create(name, topicId, settings);
        }
    }

    /// <summary>Takes the partition out of service, durably: those who wait get UNKNOWN_TOPIC_OR_PARTITION, its files go in the background. False if there is none.</summary>
    public bool Delete(TopicPartition name)
    {
        lock (_changes)
        {
            if (!_partitions.TryRemove(name, out Partition? partition))
            {
                return false;
            }

            partition.Abandon(ErrorCode.UnknownTopicOrPartition);

            // Whoever rewrites its files sees that it has ended, and lets go soon.
            lock (partition.Maintenance)
            {
                _cleaner.Forget(partition);
                _removals.Writer.TryWrite(_directory.SetAside(name));
            }

            return true;
        }
    }

    /// <summary>Writes recovery points and log starts to disk now.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await _checkpointing.WaitAsync(cancellationToken);
        try
        {
            _opener.WriteCheckpoints(_partitions);
        }
        finally
        {
            _checkpointing.Release();
        }
    }

    /// <summary>
    /// Flushes, checkpoints, applies retention, compacts and removes, until cancelled. Appends aren't durable unless it runs. Throws when the disk fails to
    /// flush: the process must end then, because what was written can't be trusted any more.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var upkeep = new PartitionUpkeep(this, _context, _options);
        Task[] loops =
        [
            RunFlusherAsync(stop.Token),
            upkeep.CheckpointsAsync(stop.Token),
            upkeep.RetentionAsync(_retention, stop.Token),
            upkeep.CompactionAsync(_cleaner, stop.Token),
            upkeep.RemovalsAsync(_directory, _removals.Reader, stop.Token),
        ];
        try
        {
            await await Task.WhenAny(loops);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(loops).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Flushes and closes every partition, marks the directory clean and lets go of it. Call it after <see cref="RunAsync"/> has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isClean = !_isDiskBroken;
        await Parallel.ForEachAsync(_partitions.Values, new ParallelOptions { MaxDegreeOfParallelism = _options.ParallelFlushes }, (partition, _) =>
        {
            if (!TryClose(partition))
            {
                isClean = false;
            }

            return ValueTask.CompletedTask;
        });
        if (isClean)
        {
            await CheckpointAsync(CancellationToken.None);
            _directory.WriteCleanMarker();
        }

        LogClosed(_context.Logger, _partitions.Count, isClean);
        _flusher.Dispose();
        _checkpointing.Dispose();
        _directory.Dispose();
    }

    private async Task OpenPartitionsAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        foreach (string path in _directory.Deleted())
        {
            _removals.Writer.TryWrite(path);
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.ParallelOpens, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_directory.Partitions(), parallel, (name, _) =>
        {
            _partitions[name] = _opener.Open(name);
            return ValueTask.CompletedTask;
        });
        _directory.DeleteCleanMarker();
        long elapsed = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        LogOpened(_context.Logger, _partitions.Count, _options.DataDirectory, _partitions.Values.Sum(partition => partition.SizeBytes), elapsed, _directory.IsClean);
    }

    private async Task RunFlusherAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _flusher.RunAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _isDiskBroken = true;
            LogFlushFailed(_context.Logger, e);
            foreach (Partition partition in _partitions.Values)
            {
                partition.Abandon(ErrorCode.KafkaStorageError);
            }

            throw;
        }
    }

    private bool TryClose(Partition partition)
    {
        if (partition.Fault is not null || _isDiskBroken)
        {
            partition.Abandon(ErrorCode.KafkaStorageError);
            return false;
        }

        try
        {
            partition.CloseCleanly();
            return true;
        }
        catch (IOException e)
        {
            LogCloseFailed(_context.Logger, partition.Name, e.Message);
            return false;
        }
    }
}
