using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Configs;
using Carousel.Broker.Topics.Metadata;
using Carousel.Wire;

namespace Carousel.Broker.Topics;

/// <summary>
/// Compares the catalog of a data directory with the folders in it, and changes nothing. What is wrong with the files of the catalog's own partition is for
/// <see cref="LogCheck"/> to say.
/// </summary>
internal sealed class CatalogCheck(IFileSystem files, string dataDirectory)
{
    private const string NoStart = "The broker doesn't start until it's put back from a copy.";
    private readonly List<LogFinding> _findings = [];
    private readonly Dictionary<string, TopicFacts> _topics = [];
    private CatalogContents? _contents;

    /// <summary>Reads the catalog as far as it can be read.</summary>
    public void Read()
    {
        string folder = Path.Combine(dataDirectory, MetadataLog.Name.ToString());
        _contents = files.DirectoryExists(folder) ? TryReadCatalog(folder) : null;
        foreach (TopicFacts topic in _contents?.Topics.Values.OrderBy(topic => topic.State) ?? Enumerable.Empty<TopicFacts>())
        {
            _topics.TryAdd(topic.Name, topic);
        }
    }

    public PartitionKnowledge KnowledgeOf(TopicPartition partition)
    {
        if (partition == MetadataLog.Name || TopicName.IsInternal(partition.Topic))
        {
            return new(IsCompacted: true, IsVital: true);
        }

        return new(_topics.TryGetValue(partition.Topic, out TopicFacts? topic) ? IsCompacted(topic) : null, IsVital: false);
    }

    /// <summary>Compares the catalog with the partitions that were found.</summary>
    public IReadOnlyList<LogFinding> Compare(LogCheckReport found)
    {
        CheckIdentity();
        HashSet<TopicPartition> folders = [.. found.EndOffsets.Keys];
        if (!folders.Remove(MetadataLog.Name))
        {
            if (found.EndOffsets.Values.Any(end => end > 0))
            {
                Damage(PathOf(MetadataLog.Name), -1, "The catalog of topics isn't there, and without it nobody knows the topics.", NoStart);
            }
        }
        else if (_contents is not null && !found.Findings.Any(finding => finding.Severity == FindingSeverity.Damage && IsOfCatalog(finding.File)))
        {
            Compare(_contents, folders, found.EndOffsets);
        }

        return _findings;
    }

    private static bool IsOfCatalog(string path) => Path.GetFileName(Path.GetDirectoryName(path)) == MetadataLog.Name.ToString();

    private bool IsCompacted(TopicFacts topic)
    {
        BrokerConfigs broker = BrokerConfigs.Default with { PerBroker = _contents!.PerBroker, ClusterDefault = _contents.ClusterDefault };
        return new TopicConfigs(topic.Configs, broker).ToLogSettings().IsCompacted;
    }

    private void CheckIdentity()
    {
        try
        {
            _ = ClusterIdentity.Find(files, dataDirectory);
        }
        catch (DataDirectoryException e)
        {
            Damage(Path.Combine(dataDirectory, ClusterIdentity.FileName), -1, $"The broker can't use it: {e.Message}", "It doesn't start until that is done.");
        }
    }

    private CatalogContents? TryReadCatalog(string directory)
    {
        var records = new List<MetadataRecord>();
        foreach (long offset in SegmentFiles.OffsetsOf(files, directory, SegmentFiles.Log))
        {
            string path = SegmentFiles.PathOf(directory, offset, SegmentFiles.Log);
            using IFile file = files.Open(path, FileAccessKind.Read);
            using var reader = new BatchReader(file, 0, (int)Math.Min(file.Length, int.MaxValue), offset);
            while (reader.Read())
            {
                try
                {
                    records.AddRange(MetadataLog.Decode(reader.Batch));
                }
                catch (WireFormatException e)
                {
                    Damage(path, reader.Position, $"The record can't be understood: {e.Message}", NoStart);
                    return null;
                }
            }
        }

        return CatalogContents.Replay(records);
    }

    private void Compare(CatalogContents contents, HashSet<TopicPartition> folders, IReadOnlyDictionary<TopicPartition, long> endOffsets)
    {
        foreach ((Guid id, TopicFacts topic) in contents.Topics.OrderBy(topic => topic.Value.Name, StringComparer.Ordinal))
        {
            for (int number = 0; number < topic.PartitionCount; number++)
            {
                Compare(id, topic, new TopicPartition(topic.Name, number), folders);
            }
        }

        foreach (TopicPartition unknown in folders.OrderBy(name => name.ToString(), StringComparer.Ordinal))
        {
            Note(unknown, "No topic of the catalog has this partition.", endOffsets[unknown] == 0 ? "It's empty, and is removed." : "It's left alone, and no client sees it.");
        }
    }

    private void Compare(Guid id, TopicFacts topic, TopicPartition name, HashSet<TopicPartition> folders)
    {
        Guid? found = folders.Contains(name) ? TryReadTopicId(name) ?? id : null;
        if (topic.State == TopicState.Deleting)
        {
            if (found == id)
            {
                folders.Remove(name);
                Note(name, $"Topic {topic.Name} was being deleted.", "The folder is removed.");
            }

            return;
        }

        folders.Remove(name);
        if (found is null)
        {
            Damage(
                PathOf(name),
                -1,
                $"The catalog has topic {topic.Name} with {topic.PartitionCount} partitions, and the folder of this one is missing.",
                "It's made anew, and empty: its records are lost.");
        }
        else if (found != id)
        {
            Damage(
                PathOf(name),
                -1,
                $"The folder belongs to topic id {KafkaUuid.ToText(found.Value)}, and topic {topic.Name} has {KafkaUuid.ToText(id)}.",
                "The broker doesn't start until the folder is moved away; then the partition starts empty.");
        }
    }

    private Guid? TryReadTopicId(TopicPartition partition)
    {
        try
        {
            return PartitionMetadataFile.ReadTopicId(files, PathOf(partition));
        }
        catch (LogCorruptException)
        {
            // Said already, and the name has to do.
            return null;
        }
    }

    private string PathOf(TopicPartition partition) => Path.Combine(dataDirectory, partition.ToString());

    private void Note(TopicPartition partition, string problem, string onStart) => _findings.Add(new(FindingSeverity.Note, PathOf(partition), -1, problem, onStart));

    private void Damage(string path, long position, string problem, string onStart) => _findings.Add(new(FindingSeverity.Damage, path, position, problem, onStart));
}
