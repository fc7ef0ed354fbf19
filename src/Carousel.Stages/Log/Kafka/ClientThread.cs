using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>
/// A thread of its own for a client that blocks, so that a slow broker never takes a thread of the pool. Calls run one after another, in order.
/// librdkafka's own timeouts can't be relied on (2.16): with a broker killed in mid-transaction rd_kafka_send_offsets_to_transaction was seen to wait for
/// ever. So each call has a limit here, and a call that overruns it by far is given up: the client is left to its fate, since it can't be destroyed
/// while a call is inside.
/// </summary>
internal sealed class ClientThread(string name, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Overrun = TimeSpan.FromSeconds(5);
    private readonly BlockingCollection<Action> _calls = Start(name);

    /// <summary>A call was given up and is inside the client still; what is called from now on never runs.</summary>
    public bool IsStuck { get; private set; }

    /// <exception cref="LogException">The client failed, or didn't return within the limit and some seconds more.</exception>
    public async Task<T> RunAsync<T>(string what, TimeSpan limit, Func<T> call)
    {
        // Continuations run elsewhere: this thread is for the client alone.
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _calls.Add(() => Run(what, call, done));
        }
        catch (InvalidOperationException e)
        {
            throw new LogException($"{what} comes too late: the client has ended, and another has its place.", e);
        }

        try
        {
            return await done.Task.WaitAsync(limit + Overrun, time);
        }
        catch (TimeoutException e) when (!done.Task.IsCompleted)
        {
            IsStuck = true;
            KafkaClientLog.Stuck(logger, $"{name}: {what}", (limit + Overrun).TotalSeconds);
            throw new LogException($"{what} didn't return within {(limit + Overrun).TotalSeconds:N0} s", e);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string what, TimeSpan limit, Action call) => RunAsync(what, limit, () =>
    {
        call();
        return true;
    });

    /// <summary>The last call, unless one before it is stuck; then the thread ends.</summary>
    public async Task EndAsync(TimeSpan limit, Action dispose)
    {
        try
        {
            if (!IsStuck)
            {
                await RunAsync("Closing the client", limit, dispose);
            }
        }
        catch (LogException)
        {
            // It has been logged, and whoever closes a client has no use for it any more.
        }
        finally
        {
            _calls.CompleteAdding();
        }
    }

    private static void Run<T>(string what, Func<T> call, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(call());
        }
        catch (KafkaException e)
        {
            done.SetException(KafkaStageLog.Translate(what, e));
        }
        catch (Exception e)
        {
            // Whatever it is, it belongs to whoever awaits the call.
            done.SetException(e);
        }
    }

    private static BlockingCollection<Action> Start(string name)
    {
        var calls = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (Action call in calls.GetConsumingEnumerable())
            {
                call();
            }

            calls.Dispose();
        }) { Name = name, IsBackground = true }.Start();
        return calls;
    }
}
