using System.Collections.Concurrent;

namespace Carousel.Broker.Log;

/// <summary>
/// Flushes the dirty partitions of a data directory on a few threads of its own, each as soon as a thread is free: what arrives at a partition while it is
/// being flushed goes into the next flush together. Flushing is off the thread pool because it blocks for as long as the disk likes.
/// </summary>
internal sealed class LogFlusher(int parallelFlushes) : IDisposable
{
    private readonly ConcurrentQueue<FlushSlot> _dirty = new();
    private readonly SemaphoreSlim _available = new(0);

    /// <summary>The slot's partition has bytes that aren't on disk.</summary>
    public void Enqueue(FlushSlot slot)
    {
        if (slot.MarkDirty())
        {
            Put(slot);
        }
    }

    /// <summary>Flushes until cancelled. What is queued then stays dirty.</summary>
    /// <exception cref="IOException">A flush failed. No other is tried: the disk may have dropped what it couldn't write, and would call the next try a success.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] workers =
        [
            .. Enumerable.Range(0, parallelFlushes).Select(_ => Task.Factory.StartNew(
                () => Work(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        await Task.WhenAll(workers);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _available.Dispose();

    private void Work(CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                _available.Wait(stop.Token);
                if (_dirty.TryDequeue(out FlushSlot? slot) && slot.Flush())
                {
                    Put(slot);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        catch
        {
            // The other threads end as well; the failure is RunAsync's.
            stop.Cancel();
            throw;
        }
    }

    private void Put(FlushSlot slot)
    {
        _dirty.Enqueue(slot);
        _available.Release();
    }
}
