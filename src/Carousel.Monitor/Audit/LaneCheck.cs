namespace Carousel.Monitor.Audit;

/// <summary>
/// Checks that the outputs of a key come in the order of their inputs, one output partition after the other: a key's outputs lie in one partition,
/// so what is remembered is bounded by the keys of a partition. Inputs of one key in several partitions have no order among each other.
/// </summary>
internal sealed class LaneCheck(AuditWork work, string outputTopic)
{
    private readonly Dictionary<(UInt128 Key, string InputTopic, int InputPartition), long> _last = [];

    public void BeginPartition() => _last.Clear();

    public void Check(AuditRecord output, string inputTopic, PackedPosition input, string? orderId)
    {
        // Records without a key belong to no lane.
        if (output.Key is not { } key || input.IsNone)
        {
            return;
        }

        (UInt128, string, int) lane = (Digests.Of128(key), inputTopic, input.Partition);
        if (_last.TryGetValue(lane, out long last) && last > input.Offset)
        {
            var position = new LogPosition(outputTopic, output.Partition, output.Offset);
            work.Findings.Add(
                FindingKind.OrderOvertaken,
                $"{position}: {orderId ?? "a record"} came from {input.In(inputTopic)}, after the output of offset {last} of the same key.",
                orderId,
                position);
            return;
        }

        _last[lane] = input.Offset;
    }
}
