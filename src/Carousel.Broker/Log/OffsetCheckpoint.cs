using System.Globalization;
using System.Text;
using Carousel.Broker.Partitions;

namespace Carousel.Broker.Log;

/// <summary>
/// An offset per partition, in Kafka's text format: a line with version 0, a line with the count, then <c>topic partition offset</c> lines.
/// </summary>
internal sealed class OffsetCheckpoint(IFileSystem files, string path)
{
    private const char Version = '0';

    /// <summary>What the file says; nothing where there is none.</summary>
    /// <exception cref="InvalidDataException">The file isn't a checkpoint.</exception>
    public Dictionary<TopicPartition, long> Read()
    {
        var offsets = new Dictionary<TopicPartition, long>();
        if (!files.FileExists(path))
        {
            return offsets;
        }

        string[] lines = SmallFile.ReadText(files, path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 2 || lines[0] is not [Version] || !int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count != lines.Length - 2)
        {
            throw new InvalidDataException($"{path} is no offset checkpoint: it should begin with \"0\" and the number of the lines that follow");
        }

        foreach (string line in lines.AsSpan(2))
        {
            string[] fields = line.Split(' ');
            if (fields.Length != 3
                || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int partition)
                || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
            {
                throw new InvalidDataException($"{path} has the line \"{line}\", which should be a topic, a partition and an offset");
            }

            offsets[new(fields[0], partition)] = offset;
        }

        return offsets;
    }

    /// <summary>Replaces the file, durably.</summary>
    public void Write(IReadOnlyCollection<KeyValuePair<TopicPartition, long>> offsets)
    {
        var text = new StringBuilder().Append(Version).Append('\n').Append(CultureInfo.InvariantCulture, $"{offsets.Count}\n");
        foreach ((TopicPartition partition, long offset) in offsets)
        {
            text.Append(CultureInfo.InvariantCulture, $"{partition.Topic} {partition.Partition} {offset}\n");
        }

        SmallFile.ReplaceText(files, path, text.ToString());
    }
}
