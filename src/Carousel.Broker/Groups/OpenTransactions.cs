namespace Carousel.Broker.Groups;

/// <summary>
/// Which groups have pending offsets of a producer, so that the end of its transaction finds them. A group is noted under its lock, before its offsets are
/// written: so a marker that stands behind them in the log finds it here.
/// </summary>
internal sealed class OpenTransactions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(int LogPartition, long ProducerId), HashSet<string>> _groupIds = [];

    public void Note(int logPartition, long producerId, string groupId)
    {
        lock (_lock)
        {
            if (!_groupIds.TryGetValue((logPartition, producerId), out HashSet<string>? groupIds))
            {
                _groupIds.Add((logPartition, producerId), groupIds = []);
            }

            groupIds.Add(groupId);
        }
    }

    /// <summary>The group has nothing pending of the producer after all.</summary>
    public void Forget(int logPartition, long producerId, string groupId)
    {
        lock (_lock)
        {
            if (_groupIds.TryGetValue((logPartition, producerId), out HashSet<string>? groupIds) && groupIds.Remove(groupId) && groupIds.Count == 0)
            {
                _groupIds.Remove((logPartition, producerId));
            }
        }
    }

    /// <summary>The groups noted so far, which aren't any more.</summary>
    public IReadOnlyCollection<string> Take(int logPartition, long producerId)
    {
        lock (_lock)
        {
            return _groupIds.Remove((logPartition, producerId), out HashSet<string>? groupIds) ? groupIds : [];
        }
    }
}
