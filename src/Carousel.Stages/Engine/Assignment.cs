using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Carousel.Stages.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

/// <summary>
/// The partitions that are ours. Changed by rebalances; read by the commit loop through an immutable array.
/// </summary>
internal sealed partial class Assignment(StageOptions options, FinishedSlots finished, TimeProvider time, ILogger logger) : IAssignmentListener
{
    private readonly ConcurrentQueue<AssignedPartition> _ended = new();
    private readonly ConcurrentQueue<AssignedPartition> _added = new();

    // Rebalances come one after another, except from a client that was given up and comes back to life beside its successor.
    private readonly Lock _changing = new();
    private volatile AssignedPartition[] _partitions = [];
    private volatile bool _stopping;

    public IReadOnlyList<AssignedPartition> Partitions => _partitions;

    /// <summary>Changes with every rebalance.</summary>
    public int Version { get; private set; }

    /// <summary>Null when a record arrives for a partition that was taken away meanwhile.</summary>
    public AssignedPartition? Find(SourcePartition id)
    {
        foreach (AssignedPartition partition in _partitions)
        {
            // The number first: it tells partitions apart without a look at names, and this is asked for each record.
            if (partition.Id.Partition == id.Partition && partition.Id.Topic == id.Topic)
            {
                return partition;
            }
        }

        return null;
    }

    /// <summary>Partitions that ended and whose slots nobody has let go yet.</summary>
    public bool TryTakeEnded([NotNullWhen(true)] out AssignedPartition? partition) => _ended.TryDequeue(out partition);

    /// <summary>Partitions that were added and that nobody has taken over yet from their former owner.</summary>
    public List<AssignedPartition> TakeAdded()
    {
        var added = new List<AssignedPartition>();
        while (_added.TryDequeue(out AssignedPartition? partition))
        {
            if (!partition.IsEnded)
            {
                added.Add(partition);
            }
        }

        return added;
    }

    public void OnAssigned(IReadOnlyCollection<SourcePartition> partitions)
    {
        LogAssigned(logger, options.Name, partitions.Count, string.Join(", ", partitions));
        AssignedPartition[] added = [.. partitions.Select(id => new AssignedPartition(id, finished))];
        lock (_changing)
        {
            _partitions = [.. _partitions, .. added];
            Version++;
        }

        Array.ForEach(added, _added.Enqueue);
        if (_stopping)
        {
            Array.ForEach(added, partition => partition.BeginDrain());
        }
    }

    public async Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions)
    {
        AssignedPartition[] revoked = [.. _partitions.Where(partition => partitions.Contains(partition.Id))];
        bool drained = await DrainAsync(revoked, options.RevokeDrainMax);
        LogRevoked(logger, options.Name, revoked.Length, drained);
        End(revoked);
    }

    public void OnLost(IReadOnlyCollection<SourcePartition> partitions)
    {
        LogLost(logger, options.Name, partitions.Count);
        End([.. _partitions.Where(partition => partitions.Contains(partition.Id))]);
    }

    /// <summary>Starts nothing more, and waits until what is in flight is finished and committed, or the time is over.</summary>
    public Task<bool> DrainAllAsync(TimeSpan timeout)
    {
        _stopping = true;
        return DrainAsync(_partitions, timeout);
    }

    /// <summary>Cancels what is still running, for a stage that halts.</summary>
    public void EndAll() => End(_partitions);

    private async Task<bool> DrainAsync(AssignedPartition[] partitions, TimeSpan timeout)
    {
        foreach (AssignedPartition partition in partitions)
        {
            partition.BeginDrain();
        }

        // The commit loop says when a partition is drained, and has to be woken where nothing is left to finish.
        finished.Wake();
        try
        {
            await DrainedAsync(partitions).WaitAsync(timeout, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static async Task DrainedAsync(AssignedPartition[] partitions)
    {
        foreach (AssignedPartition partition in partitions)
        {
            await partition.Drained;
        }
    }

    private void End(AssignedPartition[] partitions)
    {
        lock (_changing)
        {
            _partitions = [.. _partitions.Except(partitions)];
            Version++;
        }

        foreach (AssignedPartition partition in partitions)
        {
            partition.End();
            _ended.Enqueue(partition);
        }

        finished.Wake();
    }
}
