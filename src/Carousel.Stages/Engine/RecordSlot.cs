namespace Carousel.Stages.Engine;

/// <summary>
/// A fetched record on its way to its commit. Intake makes it, one lane or batch works on it, the commit loop lets it go.
/// Invariant: once <see cref="Outputs"/> is set it never changes.
/// </summary>
internal sealed class RecordSlot(AssignedPartition partition, SourceRecord record)
{
    private volatile IReadOnlyList<OutputRecord>? _outputs;

    public AssignedPartition Partition { get; } = partition;

    public SourceRecord Record { get; } = record;

    public int SizeBytes { get; } = record.SizeBytes;

    /// <summary>What came out of the record; null while it is unfinished.</summary>
    public IReadOnlyList<OutputRecord>? Outputs => _outputs;

    public bool IsFinished => _outputs is not null;

    public void Finish(IReadOnlyList<OutputRecord> outputs) => _outputs = outputs;
}
