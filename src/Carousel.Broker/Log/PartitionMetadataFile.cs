using System.Buffers.Text;

namespace Carousel.Broker.Log;

/// <summary>
/// <c>partition.metadata</c>: <c>version: 0</c> and <c>topic_id: </c> with the id's 16 bytes in base64url, as Kafka's <c>PartitionMetadataFile</c>; and
/// <c>leader-epoch-checkpoint</c>, which says that epoch 0 began at offset 0 and that there was no other.
/// </summary>
internal static class PartitionMetadataFile
{
    private const string TopicIdKey = "topic_id: ";

    public static void Write(IFileSystem files, string directory, Guid topicId)
    {
        string id = Base64Url.EncodeToString(topicId.ToByteArray(bigEndian: true));
        SmallFile.Replace(files, Path.Combine(directory, SegmentFiles.LeaderEpochs), "0\n1\n0 0\n"u8, isDurable: false);
        SmallFile.ReplaceText(files, Path.Combine(directory, SegmentFiles.Metadata), $"version: 0\n{TopicIdKey}{id}\n");
    }

    /// <exception cref="LogCorruptException">The file is missing or doesn't name an id.</exception>
    public static Guid ReadTopicId(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, SegmentFiles.Metadata);
        if (!files.FileExists(path))
        {
            throw new LogCorruptException(path, -1, "the file that names the topic's id is missing");
        }

        string? line = SmallFile.ReadText(files, path).Split('\n').FirstOrDefault(line => line.StartsWith(TopicIdKey, StringComparison.Ordinal));
        Span<byte> id = stackalloc byte[16];
        if (line is null || !Base64Url.IsValid(line.AsSpan(TopicIdKey.Length)) || !Base64Url.TryDecodeFromChars(line.AsSpan(TopicIdKey.Length), id, out int written) || written != id.Length)
        {
            throw new LogCorruptException(path, 0, "the file doesn't name a topic id");
        }

        return new Guid(id, bigEndian: true);
    }
}
