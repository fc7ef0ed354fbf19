using System.Collections.Concurrent;

namespace Carousel.Stages.Log.Kafka;

/// <summary>
/// A thread of its own for a client that blocks, so that a slow broker never takes a thread of the pool. Calls run one after another, in order.
/// </summary>
internal sealed class DedicatedThread : IDisposable
{
    private readonly BlockingCollection<Action> _calls = [];

    public DedicatedThread(string name)
    {
        new Thread(Run) { Name = name, IsBackground = true }.Start();
    }

    public Task<T> RunAsync<T>(Func<T> call)
    {
        // Continuations run elsewhere: this thread is for the client alone.
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(() =>
        {
            try
            {
                done.SetResult(call());
            }
            catch (Exception e)
            {
                // Whatever it is, it belongs to whoever awaits the call.
                done.SetException(e);
            }
        });
        return done.Task;
    }

    public Task RunAsync(Action call) => RunAsync(() =>
    {
        call();
        return true;
    });

    /// <summary>Ends the thread once the calls queued so far are done.</summary>
    public void Dispose() => _calls.CompleteAdding();

    private void Run()
    {
        foreach (Action call in _calls.GetConsumingEnumerable())
        {
            call();
        }

        _calls.Dispose();
    }
}
