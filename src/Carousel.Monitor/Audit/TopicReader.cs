namespace Carousel.Monitor.Audit;

/// <summary>Reads one topic of the snapshot, partition after partition.</summary>
internal sealed class TopicReader(IAuditLog log, AuditWork work, IProgress<AuditProgress>? progress)
{
    public async Task ReadAsync(string topic, ITopicPass pass, CancellationToken cancellationToken)
    {
        IReadOnlyList<PartitionRange> ranges = work.Snapshot.Ranges(topic);
        long expected = ranges.Sum(range => range.End - range.Beginning);
        long read = 0;
        foreach (PartitionRange range in ranges)
        {
            CheckHistory(topic, range);
            pass.BeginPartition();
            await foreach (IReadOnlyList<AuditRecord> batch in log.ReadAsync(topic, range, cancellationToken))
            {
                foreach (AuditRecord record in batch)
                {
                    await pass.TakeAsync(record, cancellationToken);
                }

                read += batch.Count;
                progress?.Report(new AuditProgress(topic, read, expected));
            }
        }
    }

    private void CheckHistory(string topic, PartitionRange range)
    {
        if (range.Beginning > 0)
        {
            var position = new LogPosition(topic, range.Partition, range.Beginning);
            work.Findings.Add(FindingKind.HistoryMissing, $"{position} is the first record left; those before it were deleted and can't be audited.", null, position);
        }
    }
}

/// <summary>What is done with each record of a topic.</summary>
internal interface ITopicPass
{
    void BeginPartition();

    ValueTask TakeAsync(AuditRecord record, CancellationToken cancellationToken);
}
