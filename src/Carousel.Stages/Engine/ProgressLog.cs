using Carousel.Stages.Log;
using Carousel.Stages.Progress;

namespace Carousel.Stages.Engine;

/// <summary>What a group has committed of a partition: offset, done-set and waiting records.</summary>
/// <param name="Committed">Null where no offset is committed.</param>
/// <param name="Progress">Null where nothing is known beyond the offset.</param>
/// <param name="IsWritten">Whether the progress topic holds something of the partition, be it old.</param>
internal sealed record CommittedProgress(long? Committed, PartitionProgress? Progress, bool IsWritten)
{
    public bool Covers(long offset) => offset < Committed || Progress?.IsDone(offset) == true;
}

/// <summary>Writes a partition's progress as a record of the progress topic, and reads it back.</summary>
internal sealed partial class ProgressLog(IStageLog log, IStageConsumer consumer, StageContext context)
{
    /// <summary>Into the partition of the same number, so that who takes a partition over has one to read.</summary>
    /// <returns>Null when there is nothing to say and nothing to take back.</returns>
    public OutputRecord? Record(AssignedPartition partition, PartitionProgress progress)
    {
        if (progress.IsEmpty && !partition.Ledger.HasWrittenProgress)
        {
            return null;
        }

        return new OutputRecord(
            context.Options.ProgressTopic,
            partition.Id.Partition,
            ProgressFormat.Key(context.Options.Group, partition.Id),
            progress.IsEmpty ? null : ProgressFormat.Write(progress),
            []);
    }

    /// <summary>
    /// What is committed, once whatever was under way is decided. The progress topic is read to its end first, which waits for the transactions that were
    /// open, and the offsets are asked for then: nothing can be committed between the two, since the group has moved on from whoever would.
    /// </summary>
    /// <exception cref="LogException">The log is away, or what it holds can't be read; the latter is fatal.</exception>
    public async Task<IReadOnlyDictionary<SourcePartition, CommittedProgress>> ReadAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken)
    {
        Dictionary<SourcePartition, SourceRecord> records = await LastRecordsAsync(partitions, cancellationToken);
        IReadOnlyDictionary<SourcePartition, long?> offsets = await consumer.CommittedAsync(partitions);
        var committed = partitions.ToDictionary(
            partition => partition,
            partition => new CommittedProgress(
                offsets[partition], Current(partition, records.GetValueOrDefault(partition), offsets[partition]), records.GetValueOrDefault(partition)?.Value is not null));
        await CheckEndsAsync(committed, cancellationToken);
        return committed;
    }

    private async Task<Dictionary<SourcePartition, SourceRecord>> LastRecordsAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken)
    {
        // Keys of other groups and topics stand beside ours.
        ILookup<int, (SourcePartition Partition, byte[] Key)> wanted = partitions.ToLookup(
            partition => partition.Partition, partition => (partition, ProgressFormat.Key(context.Options.Group, partition)));
        var records = new Dictionary<SourcePartition, SourceRecord>();
        await log.ReadToEndAsync(
            [.. wanted.Select(group => new SourcePartition(context.Options.ProgressTopic, group.Key))],
            record =>
            {
                foreach ((SourcePartition partition, byte[] key) in wanted[record.Partition.Partition])
                {
                    if (key.AsSpan().SequenceEqual(record.Key))
                    {
                        records[partition] = record;
                    }
                }
            },
            cancellationToken);
        return records;
    }

    private PartitionProgress? Current(SourcePartition partition, SourceRecord? record, long? committed)
    {
        if (record?.Value is not { } value)
        {
            return null;
        }

        PartitionProgress progress;
        try
        {
            progress = ProgressFormat.Read(value);
        }
        catch (InvalidDataException e)
        {
            throw new LogException(
                $"Stage {context.Options.Name} can't read its progress of {partition}, offset {record.Offset} of {record.Partition}: {e.Message}. "
                + "Run the version that wrote it; or, to give up what it says, write a record without a value under its key.",
                e,
                isFatal: true);
        }

        if (progress.Base == committed)
        {
            return progress;
        }

        LogStale(context.Logger, context.Options.Name, partition.ToString(), progress.Base, committed);
        return null;
    }

    /// <summary>A done-set that speaks of offsets that aren't there belongs to a log that was replaced: to believe it would lose what is written there next.</summary>
    private async Task CheckEndsAsync(Dictionary<SourcePartition, CommittedProgress> committed, CancellationToken cancellationToken)
    {
        SourcePartition[] partitions = [.. committed.Where(entry => entry.Value.Progress is not null).Select(entry => entry.Key)];
        if (partitions.Length == 0)
        {
            return;
        }

        IReadOnlyDictionary<SourcePartition, long> ends = await log.EndOffsetsAsync(partitions, cancellationToken);
        foreach (SourcePartition partition in partitions)
        {
            if (committed[partition].Progress!.End > ends[partition])
            {
                LogBeyondTheEnd(context.Logger, context.Options.Name, partition.ToString(), committed[partition].Progress!.End, ends[partition]);
                committed[partition] = committed[partition] with { Progress = null };
            }
        }
    }
}
