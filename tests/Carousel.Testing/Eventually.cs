using System.Diagnostics;

namespace Carousel.Testing;

/// <summary>Waits that say what they waited for. Where the other side is in this process, await its event; these poll only another process.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Awaits an event, within the time.</summary>
    public static async Task WithinAsync(this Task task, string what, TimeSpan timeout, Func<string>? seen = null)
    {
        try
        {
            await task.WaitAsync(timeout);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Waited {timeout.TotalSeconds:0.#} s until {what}{(seen is null ? "" : $"; saw {seen()}")}.");
        }
    }

    /// <inheritdoc cref="WithinAsync(Task, string, TimeSpan, Func{string})"/>
    public static async Task<T> WithinAsync<T>(this Task<T> task, string what, TimeSpan timeout, Func<string>? seen = null)
    {
        await WithinAsync((Task)task, what, timeout, seen);
        return await task;
    }

    /// <summary>Asks another process again and again, until its answer is as wanted. An exception while asking counts as an answer that isn't.</summary>
    public static async Task<T> TrueAsync<T>(string what, Func<Task<T>> ask, Func<T, bool> isWanted, TimeSpan timeout)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            object? seen;
            Exception? failure = null;
            try
            {
                T answer = await ask();
                if (isWanted(answer))
                {
                    return answer;
                }

                seen = answer;
            }
            catch (Exception e) when (Stopwatch.GetElapsedTime(started) < timeout)
            {
                (seen, failure) = (e.Message, e);
            }

            if (Stopwatch.GetElapsedTime(started) >= timeout)
            {
                throw new TimeoutException($"Waited {timeout.TotalSeconds:0.#} s until {what}; last saw {seen}.", failure);
            }

            await Task.Delay(Interval);
        }
    }

    /// <inheritdoc cref="TrueAsync{T}(string, Func{Task{T}}, Func{T, bool}, TimeSpan)"/>
    public static Task<T> TrueAsync<T>(string what, Func<T> ask, Func<T, bool> isWanted, TimeSpan timeout) =>
        TrueAsync(what, () => Task.Run(ask), isWanted, timeout);
}
