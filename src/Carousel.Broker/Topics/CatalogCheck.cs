using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Metadata;
using Carousel.Wire;

namespace Carousel.Broker.Topics;

/// <summary>
/// Compares the catalog of a data directory with the folders in it, and changes nothing. What is wrong with the files of the catalog's own partition is for
/// <see cref="LogCheck"/> to say.
/// </summary>
internal sealed class CatalogCheck(IFileSystem files, string dataDirectory)
{
    private readonly List<LogFinding> _findings = [];

    public IReadOnlyList<LogFinding> Run()
    {
        CheckIdentity();
        Dictionary<TopicPartition, string> folders = Folders();
        if (!folders.Remove(MetadataLog.Name, out string? catalog))
        {
            if (folders.Count > 0)
            {
                Damage(Path.Combine(dataDirectory, MetadataLog.Name.ToString()), "The catalog of topics isn't there, and without it nobody knows the topics.", "All folders with records are left alone, and no client sees them.");
            }

            return _findings;
        }

        if (TryReadCatalog(catalog) is { } contents)
        {
            Compare(contents, folders);
        }

        return _findings;
    }

    private void CheckIdentity()
    {
        try
        {
            if (ClusterIdentity.Find(files, dataDirectory) is null)
            {
                _findings.Add(new(FindingSeverity.Repairable, dataDirectory, -1, "The file that names the cluster is missing.", "It's made anew, with another cluster id."));
            }
        }
        catch (DataDirectoryException e)
        {
            Damage(dataDirectory, e.Message, "The broker doesn't start until that is done.");
        }
    }

    private Dictionary<TopicPartition, string> Folders()
    {
        var folders = new Dictionary<TopicPartition, string>();
        foreach (string path in files.ListDirectories(dataDirectory))
        {
            if (TopicPartition.TryParse(Path.GetFileName(path), out TopicPartition name))
            {
                folders[name] = path;
            }
        }

        return folders;
    }

    private CatalogContents? TryReadCatalog(string directory)
    {
        var records = new List<MetadataRecord>();
        foreach (long offset in SegmentFiles.OffsetsOf(files, directory, SegmentFiles.Log))
        {
            string path = SegmentFiles.PathOf(directory, offset, SegmentFiles.Log);
            using IFile file = files.Open(path, FileAccessKind.Read);
            using var reader = new BatchReader(file, 0, (int)file.Length, offset);
            while (reader.Read())
            {
                try
                {
                    records.AddRange(MetadataLog.Decode(reader.Batch));
                }
                catch (WireFormatException e)
                {
                    _findings.Add(new(FindingSeverity.Damage, path, reader.Position, e.Message, "The broker doesn't start until the directory is put back from a copy."));
                    return null;
                }
            }
        }

        return CatalogContents.Replay(records);
    }

    private void Compare(CatalogContents contents, Dictionary<TopicPartition, string> folders)
    {
        foreach (TopicFacts topic in contents.Topics.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal))
        {
            for (int number = 0; number < topic.PartitionCount; number++)
            {
                var name = new TopicPartition(topic.Name, number);
                if (folders.Remove(name, out string? folder) && topic.State == TopicState.Deleting)
                {
                    _findings.Add(new(FindingSeverity.Note, folder, -1, $"Topic {topic.Name} was being deleted.", "The folder is removed."));
                }
                else if (folder is null && topic.State == TopicState.Active)
                {
                    Damage(Path.Combine(dataDirectory, name.ToString()), $"The catalog has topic {topic.Name} with {topic.PartitionCount} partitions, and the folder of this one is missing.", "It's made anew, and empty.");
                }
            }
        }

        foreach (string folder in folders.Values.Order(StringComparer.Ordinal))
        {
            _findings.Add(new(FindingSeverity.Note, folder, -1, "No topic of the catalog has this partition.", "It's removed if it is empty; otherwise it's left alone, and no client sees it."));
        }
    }

    private void Damage(string path, string problem, string onStart) => _findings.Add(new(FindingSeverity.Damage, path, -1, problem, onStart));
}
