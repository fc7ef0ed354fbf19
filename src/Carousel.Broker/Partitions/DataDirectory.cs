using Carousel.Broker.Log;

namespace Carousel.Broker.Partitions;

/// <summary>The files that a data directory has beside its partitions, in Kafka's names and formats; and the lock that keeps other processes away.</summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>Locked by the broker that has the directory.</summary>
    public const string LockFile = ".lock";

    /// <summary>There once the directory was closed cleanly.</summary>
    public const string CleanMarker = ".kafka_cleanshutdown";

    public const string RecoveryPointsFile = "recovery-point-offset-checkpoint";
    public const string LogStartsFile = "log-start-offset-checkpoint";
    public const string CleanerOffsetsFile = "cleaner-offset-checkpoint";

    /// <summary>Ends the name of a folder that isn't a partition yet, or not any more.</summary>
    public const string DeleteSuffix = "-delete";

    private const string CleanMarkerText = "{\"version\":0,\"brokerEpoch\":-1}";
    private const int NameMax = 200;

    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly IDisposable _lock;

    private DataDirectory(IFileSystem files, string path, IDisposable heldLock)
    {
        (_files, _path, _lock) = (files, path, heldLock);
        RecoveryPoints = new OffsetCheckpoint(files, Path.Combine(path, RecoveryPointsFile));
        LogStarts = new OffsetCheckpoint(files, Path.Combine(path, LogStartsFile));
        CleanerOffsets = new OffsetCheckpoint(files, Path.Combine(path, CleanerOffsetsFile));
        IsClean = files.FileExists(Path.Combine(path, CleanMarker));
    }

    public OffsetCheckpoint RecoveryPoints { get; }

    public OffsetCheckpoint LogStarts { get; }

    public OffsetCheckpoint CleanerOffsets { get; }

    /// <summary>Whether the last process closed it cleanly.</summary>
    public bool IsClean { get; }

    /// <exception cref="DataDirectoryException">Another process has it, or it can't be made.</exception>
    public static DataDirectory Open(IFileSystem files, string path)
    {
        try
        {
            files.CreateDirectory(path);
            return new DataDirectory(files, path, files.Lock(Path.Combine(path, LockFile)));
        }
        catch (FileLockedException e)
        {
            throw new DataDirectoryException($"The data directory {path} is in use by process {e.Holder}. Stop that one first, or give this one another directory.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"The data directory {path} can't be used: {e.Message}", e);
        }
    }

    public string PathOf(TopicPartition partition) => Path.Combine(_path, partition.ToString());

    /// <summary>The partitions' folders.</summary>
    public IEnumerable<TopicPartition> Partitions() =>
        _files.ListDirectories(_path)
            .Select(path => TopicPartition.TryParse(Path.GetFileName(path), out TopicPartition name) ? name : default)
            .Where(name => name.Topic is not null);

    /// <summary>Folders to be removed.</summary>
    public IEnumerable<string> Deleted() => _files.ListDirectories(_path).Where(path => path.EndsWith(DeleteSuffix, StringComparison.Ordinal));

    /// <summary>Makes a partition's folder with its metadata; it appears whole or not at all.</summary>
    public void CreatePartition(TopicPartition partition, Guid topicId)
    {
        string temporary = DeletedPathOf(partition);
        try
        {
            _files.CreateDirectory(temporary);
            PartitionMetadataFile.Write(_files, temporary, topicId);
            _files.Rename(temporary, PathOf(partition));
            _files.SyncDirectory(_path);
        }
        catch (IOException)
        {
            _files.DeleteDirectory(temporary);
            throw;
        }
    }

    /// <summary>Takes a partition's folder away, durably. Returns where it is, to be removed at leisure.</summary>
    public string SetAside(TopicPartition partition)
    {
        string aside = DeletedPathOf(partition);
        _files.Rename(PathOf(partition), aside);
        _files.SyncDirectory(_path);
        return aside;
    }

    public void Remove(string path) => _files.DeleteDirectory(path);

    /// <summary>From here on the directory isn't clean until it's closed.</summary>
    public void DeleteCleanMarker()
    {
        _files.DeleteFile(Path.Combine(_path, CleanMarker));
        _files.SyncDirectory(_path);
    }

    public void WriteCleanMarker() => SmallFile.ReplaceText(_files, Path.Combine(_path, CleanMarker), CleanMarkerText);

    public void Dispose() => _lock.Dispose();

    private string DeletedPathOf(TopicPartition partition)
    {
        string name = partition.ToString();
        return Path.Combine(_path, $"{name[..Math.Min(NameMax, name.Length)]}.{Guid.NewGuid():N}{DeleteSuffix}");
    }
}
