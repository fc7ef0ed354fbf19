using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>
/// A disk of logs that can end at any step: appending to a log, and flushing one, are steps. Flushes happen when the simulation says so, each log on its
/// own; a power failure leaves each log what was flushed and any part of the rest.
/// </summary>
internal sealed class SimulatedDisk
{
    private readonly List<SimulatedLog> _logs = [];

    /// <summary>How many steps there were.</summary>
    public int Steps { get; private set; }

    /// <summary>After this step nothing happens any more; null for a disk that goes on.</summary>
    public int? LastStep { get; set; }

    /// <summary>Whether waiting for durability flushes, one log after another; otherwise <see cref="FlushOne"/> does.</summary>
    public bool FlushesWhenAwaited { get; set; }

    public bool IsDead => Steps >= LastStep;

    public IReadOnlyList<SimulatedLog> Dirty => [.. _logs.Where(log => log.IsDirty)];

    public void Add(SimulatedLog log) => _logs.Add(log);

    public bool TryStep()
    {
        if (IsDead)
        {
            return false;
        }

        Steps++;
        return true;
    }

    public void FlushOne(Random random)
    {
        IReadOnlyList<SimulatedLog> dirty = Dirty;
        if (dirty.Count > 0 && TryStep())
        {
            dirty[random.Next(dirty.Count)].Flush();
        }
    }

    public void FlushAll()
    {
        foreach (SimulatedLog log in Dirty)
        {
            if (TryStep())
            {
                log.Flush();
            }
        }
    }
}

/// <summary>The durability of one log; what its entries are is for others to know.</summary>
internal sealed class SimulatedLog(SimulatedDisk disk)
{
    private readonly List<(long End, TaskCompletionSource<ErrorCode> Waiter)> _waiters = [];

    public long End { get; private set; }

    public long DurableEnd { get; private set; }

    public bool IsDirty => DurableEnd < End;

    /// <summary>The offset of the next entry, or null where the disk is dead.</summary>
    public long? TryAppend() => disk.TryStep() ? End++ : null;

    public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset)
    {
        if (disk.FlushesWhenAwaited)
        {
            disk.FlushAll();
        }

        if (offset < DurableEnd)
        {
            return new ValueTask<ErrorCode>(ErrorCode.None);
        }

        // A dead disk answers nobody.
        var waiter = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Add((offset + 1, waiter));
        return new ValueTask<ErrorCode>(waiter.Task);
    }

    public void Flush()
    {
        DurableEnd = End;
        foreach ((_, TaskCompletionSource<ErrorCode> waiter) in _waiters.Where(waiter => waiter.End <= DurableEnd))
        {
            waiter.SetResult(ErrorCode.None);
        }

        _waiters.RemoveAll(waiter => waiter.End <= DurableEnd);
    }

    /// <summary>Where the log ends after the crash: everything that was appended, or after a power failure any end from the durable one on.</summary>
    public long EndAfterCrash(bool isPowerFailure, Random random) => isPowerFailure ? random.NextInt64(DurableEnd, End + 1) : End;

    /// <summary>The log as it is found after the crash; all of it is durable then.</summary>
    public static SimulatedLog Recovered(SimulatedDisk disk, long end) => new(disk) { End = end, DurableEnd = end };
}
