using System.Globalization;
using System.Text;
using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Metadata;

namespace Carousel.Broker.Topics;

/// <summary>
/// Which cluster a data directory belongs to: <c>meta.properties</c>, with the keys that Kafka writes (its MetaProperties, version 1). Made once in the life
/// of a directory.
/// </summary>
/// <param name="ClusterId">22 characters of base64url.</param>
/// <param name="DirectoryId">An id of the directory alone (KIP-858).</param>
internal sealed record ClusterIdentity(string ClusterId, string DirectoryId)
{
    public const string FileName = "meta.properties";
    private const string KafkaMetadataFolder = "__cluster_metadata-0";
    private const string Version = "1";
    private const int FileBytesMax = 64 * 1024;

    /// <summary>
    /// Refuses a directory that is something else's, before anything is written to it. One that is missing or empty is as good as one of our own.
    /// </summary>
    /// <exception cref="DataDirectoryException">The message says whose it is.</exception>
    public static void RefuseForeign(IFileSystem files, string directory)
    {
        if (!files.DirectoryExists(directory))
        {
            return;
        }

        if (files.DirectoryExists(Path.Combine(directory, KafkaMetadataFolder)))
        {
            throw new DataDirectoryException($"{directory} is the data directory of an Apache Kafka: name a directory of the embedded broker, or a new one.");
        }

        if (!files.FileExists(Path.Combine(directory, FileName)) && FirstForeign(files, directory) is { } foreign)
        {
            throw new DataDirectoryException(
                $"{directory} isn't the data directory of a broker, and isn't empty: it has {foreign}. Name a directory of the embedded broker, or a new one.");
        }
    }

    /// <summary>The identity of a directory, made if it is new. Call it with the directory's lock held.</summary>
    /// <exception cref="DataDirectoryException">The file is broken, or of another node.</exception>
    public static ClusterIdentity LoadOrCreate(IFileSystem files, string directory)
    {
        if (Find(files, directory) is { } known)
        {
            return known;
        }

        var identity = new ClusterIdentity(KafkaUuid.ToText(KafkaUuid.New()), KafkaUuid.ToText(KafkaUuid.New()));
        SmallFile.ReplaceText(files, Path.Combine(directory, FileName), identity.ToText());
        return identity;
    }

    /// <summary>The identity of a directory; null where it has none yet.</summary>
    /// <exception cref="DataDirectoryException">The file is broken, or of another node.</exception>
    public static ClusterIdentity? Find(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, FileName);
        return files.FileExists(path) ? Parse(Read(files, path), path) : null;
    }

    internal string ToText() => string.Create(
        CultureInfo.InvariantCulture,
        $"#\nnode.id={TopicCatalogOptions.NodeId}\ndirectory.id={DirectoryId}\nversion={Version}\ncluster.id={ClusterId}\n");

    internal static ClusterIdentity Parse(string text, string path)
    {
        Dictionary<string, string> properties = text.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('=', 2))
            .GroupBy(pair => pair[0].Trim())
            .ToDictionary(pairs => pairs.Key, pairs => pairs.Last() is [_, var value] ? value.Trim() : "");
        string clusterId = properties.GetValueOrDefault("cluster.id", "");
        string directoryId = properties.GetValueOrDefault("directory.id", "");
        string nodeId = properties.GetValueOrDefault("node.id", "");
        if (properties.GetValueOrDefault("version") != Version || !KafkaUuid.TryParse(clusterId, out _) || !KafkaUuid.TryParse(directoryId, out _))
        {
            throw new DataDirectoryException(
                $"{path} is broken: it must have version={Version}, and a cluster.id and a directory.id of {KafkaUuid.TextLength} characters. Put it back from a copy.");
        }

        return nodeId == TopicCatalogOptions.NodeName
            ? new ClusterIdentity(clusterId, directoryId)
            : throw new DataDirectoryException($"{path} belongs to node {nodeId} of a cluster, and the embedded broker is node {TopicCatalogOptions.NodeId}: name another directory.");
    }

    private static string Read(IFileSystem files, string path)
    {
        using IFile file = files.Open(path, FileAccessKind.Read);
        if (file.Length > FileBytesMax)
        {
            throw new DataDirectoryException($"{path} is broken: it has {file.Length} bytes. Put it back from a copy.");
        }

        byte[] bytes = new byte[file.Length];
        return Encoding.UTF8.GetString(bytes, 0, file.Read(bytes, 0));
    }

    /// <summary>What a broker that was stopped in its first moments can have left doesn't count: its lock, checkpoints, and the catalog's log.</summary>
    private static string? FirstForeign(IFileSystem files, string directory) =>
        files.ListFiles(directory).Select(path => Path.GetFileName(path)).FirstOrDefault(name => !IsOwn(name))
        ?? files.ListDirectories(directory).Select(path => Path.GetFileName(path)).FirstOrDefault(name => name != MetadataLog.Name.ToString());

    private static bool IsOwn(string file) =>
        file.StartsWith('.') || file.StartsWith(FileName, StringComparison.Ordinal) || file.Contains("-checkpoint", StringComparison.Ordinal);
}
