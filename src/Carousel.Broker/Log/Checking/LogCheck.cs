using Carousel.Broker.Partitions;

namespace Carousel.Broker.Log;

/// <summary>
/// Verifies a data directory without changing a byte of it: every batch's checksum and offsets, indexes, snapshots and checkpoints. Run it while no broker
/// has the directory; otherwise it sees files that change.
/// </summary>
internal sealed class LogCheck(IFileSystem files, string dataDirectory)
{
    private const string CleanMarker = ".kafka_cleanshutdown";
    private readonly List<LogFinding> _findings = [];

    /// <param name="segmentDone">Told after each segment, for a progress line: its path and size.</param>
    public LogCheckReport Run(Action<string, long>? segmentDone = null, CancellationToken cancellationToken = default)
    {
        if (!files.DirectoryExists(dataDirectory))
        {
            _findings.Add(new(FindingSeverity.Damage, dataDirectory, -1, "There is no such directory.", "A broker would make it, empty."));
            return new(0, 0, 0, 0, false, _findings);
        }

        bool isClean = files.FileExists(Path.Combine(dataDirectory, CleanMarker));
        Dictionary<TopicPartition, long> recoveryPoints = ReadCheckpoint("recovery-point-offset-checkpoint");
        Dictionary<TopicPartition, long> logStarts = ReadCheckpoint("log-start-offset-checkpoint");
        (int partitions, int segments, long batches, long bytes) = (0, 0, 0, 0);
        foreach (string path in files.ListDirectories(dataDirectory).Order(StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TopicPartition.TryParse(Path.GetFileName(path), out TopicPartition name))
            {
                _findings.Add(new(FindingSeverity.Note, path, -1, "This isn't a partition's folder.", Path.GetFileName(path).EndsWith("-delete", StringComparison.Ordinal) ? "It's removed." : "It's left alone."));
                continue;
            }

            var check = new PartitionCheck(files, path, _findings, cancellationToken);
            check.Run(recoveryPoints.GetValueOrDefault(name), logStarts.GetValueOrDefault(name), segmentDone);
            (partitions, segments, batches, bytes) = (partitions + 1, segments + check.Segments, batches + check.Batches, bytes + check.Bytes);
            _ = recoveryPoints.Remove(name);
        }

        foreach (TopicPartition missing in recoveryPoints.Keys)
        {
            string path = Path.Combine(dataDirectory, missing.ToString());
            _findings.Add(new(FindingSeverity.Note, path, -1, "The recovery points name this partition, and it isn't there.", "It's forgotten if its topic was deleted."));
        }

        return new(partitions, segments, batches, bytes, isClean, _findings);
    }

    private Dictionary<TopicPartition, long> ReadCheckpoint(string name)
    {
        string path = Path.Combine(dataDirectory, name);
        try
        {
            return new OffsetCheckpoint(files, path).Read();
        }
        catch (InvalidDataException e)
        {
            _findings.Add(new(FindingSeverity.Damage, path, -1, $"{e.Message}.", "The broker doesn't start until it's repaired; without the file, it scans more."));
            return [];
        }
    }
}
