using Carousel.Broker.Log;

namespace Carousel.Broker.Partitions;

/// <summary>Opens and makes the partitions of a data directory, by the checkpoints that it keeps of them.</summary>
internal sealed class PartitionOpener(LogContext context, DataDirectory directory, LogFlusher flusher)
{
    private readonly Dictionary<TopicPartition, long> _recoveryPoints = directory.RecoveryPoints.Read();
    private readonly Dictionary<TopicPartition, long> _logStarts = directory.LogStarts.Read();

    /// <summary>Opens a partition that is there; one whose files are broken comes with its fault.</summary>
    public Partition Open(TopicPartition name)
    {
        string path = directory.PathOf(name);
        try
        {
            Guid topicId = PartitionMetadataFile.ReadTopicId(context.Files, path);
            var hints = new RecoveryHints(directory.IsClean, _recoveryPoints.GetValueOrDefault(name), _logStarts.GetValueOrDefault(name));
            PartitionLog log = new LogRecovery(context, path, LogSettings.Default.IndexIntervalBytes).Open(hints);
            return new Partition(name, topicId, context, flusher, LogSettings.Default, log);
        }
        catch (LogCorruptException e)
        {
            return Partition.OfFault(name, context, flusher, new PartitionFault(e.File, e.Position, e.Reason));
        }
        catch (IOException e)
        {
            return Partition.OfFault(name, context, flusher, new PartitionFault(path, -1, e.Message));
        }
    }

    /// <summary>Makes an empty partition, durably.</summary>
    /// <exception cref="IOException">Nothing is left behind.</exception>
    public Partition Create(TopicPartition name, Guid topicId, LogSettings settings)
    {
        directory.CreatePartition(name, topicId);
        try
        {
            var nothingToRecover = new RecoveryHints(IsClean: true, RecoveryPoint: 0, StartOffset: 0);
            PartitionLog log = new LogRecovery(context, directory.PathOf(name), settings.IndexIntervalBytes).Open(nothingToRecover);
            return new Partition(name, topicId, context, flusher, settings, log);
        }
        catch (IOException)
        {
            directory.Remove(directory.SetAside(name));
            throw;
        }
    }

    /// <summary>Writes down where each partition begins and how far it was flushed. One out of service keeps the values it had: it may be repaired.</summary>
    public void WriteCheckpoints(IReadOnlyCollection<KeyValuePair<TopicPartition, Partition>> partitions)
    {
        directory.RecoveryPoints.Write(
            partitions.ToDictionary(entry => entry.Key, entry => entry.Value.Log?.FlushedOffset ?? _recoveryPoints.GetValueOrDefault(entry.Key)));
        directory.LogStarts.Write(
            partitions.ToDictionary(entry => entry.Key, entry => entry.Value.Log?.StartOffset ?? _logStarts.GetValueOrDefault(entry.Key)));
    }
}
