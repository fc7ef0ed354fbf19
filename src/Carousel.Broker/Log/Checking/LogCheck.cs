using Carousel.Broker.Partitions;

namespace Carousel.Broker.Log;

/// <summary>
/// Verifies the partitions of a data directory without changing a byte: every batch's checksum and offsets, indexes, snapshots and checkpoints. Run it while
/// no broker has the directory; otherwise it sees files that change.
/// </summary>
/// <param name="knowledgeOf">What is known of a partition beside its files.</param>
internal sealed class LogCheck(IFileSystem files, string dataDirectory, Func<TopicPartition, PartitionKnowledge> knowledgeOf)
{
    private readonly List<LogFinding> _findings = [];

    /// <param name="segmentDone">Told the path of each segment when it was checked, for a progress line.</param>
    public LogCheckReport Run(Action<string>? segmentDone = null, CancellationToken cancellationToken = default)
    {
        var report = new LogCheckReport { WasClosedCleanly = files.FileExists(Path.Combine(dataDirectory, DataDirectory.CleanMarker)), Findings = _findings };
        Dictionary<TopicPartition, long> recoveryPoints = ReadCheckpoint(DataDirectory.RecoveryPointsFile, "a start has more to look through");
        Dictionary<TopicPartition, long> logStarts = ReadCheckpoint(DataDirectory.LogStartsFile, "records that were deleted may be back");
        _ = ReadCheckpoint(DataDirectory.CleanerOffsetsFile, "compaction begins anew");
        foreach (string path in files.ListDirectories(dataDirectory).Order(StringComparer.Ordinal))
        {
            if (!TopicPartition.TryParse(Path.GetFileName(path), out TopicPartition name))
            {
                string onStart = path.EndsWith(DataDirectory.DeleteSuffix, StringComparison.Ordinal) ? "It's removed." : "It's left alone.";
                _findings.Add(new(FindingSeverity.Note, path, -1, "This isn't a partition's folder.", onStart));
                continue;
            }

            var hints = new RecoveryHints(report.WasClosedCleanly, recoveryPoints.GetValueOrDefault(name), logStarts.GetValueOrDefault(name));
            var check = new PartitionCheck(files, path, hints, knowledgeOf(name), _findings);
            check.Run(segmentDone, cancellationToken);
            report = report.With(name, check);
        }

        return report;
    }

    private Dictionary<TopicPartition, long> ReadCheckpoint(string name, string withoutIt)
    {
        string path = Path.Combine(dataDirectory, name);
        try
        {
            return new OffsetCheckpoint(files, path).Read();
        }
        catch (InvalidDataException e)
        {
            _findings.Add(new(FindingSeverity.Damage, path, -1, $"{e.Message}.", $"The broker doesn't start until it's repaired or removed; without it, {withoutIt}."));
            return [];
        }
    }
}
