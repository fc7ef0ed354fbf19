using Carousel.Stages.Log;
using Carousel.Stages.Log.Kafka;
using Carousel.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Stages.Tests.Log;

/// <summary>The thread that a Kafka client's calls run on, and the calls that don't come back.</summary>
public sealed class ClientThreadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_call_that_does_not_return_is_given_up_and_the_client_is_never_closed_under_it()
    {
        ClientThread thread = Create();
        using var inside = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        Task stuck = thread.RunAsync("Committing", Limit, () =>
        {
            inside.Release();
            release.Wait();
        });
        await inside.WaitAsync().WithinAsync("the call is inside the client", Patience);
        _time.Advance(Limit);
        Assert.False(stuck.IsCompleted);
        Assert.False(thread.IsStuck);
        _time.Advance(TimeSpan.FromSeconds(5));
        LogException e = await Assert.ThrowsAsync<LogException>(() => stuck.WithinAsync("the call is given up", Patience));
        Assert.Contains("Committing", e.Message, StringComparison.Ordinal);
        Assert.True(thread.IsStuck);

        bool closed = false;
        await thread.EndAsync(Limit, () => closed = true).WithinAsync("a stuck client is let go", Patience);
        release.Set();
        Assert.False(closed);
    }

    [Fact]
    public async Task Calls_run_one_after_another_and_what_they_throw_is_their_callers()
    {
        ClientThread thread = Create();
        var order = new List<int>();
        Task[] calls = [.. Enumerable.Range(0, 100).Select(i => thread.RunAsync("Counting", Limit, () => order.Add(i)))];
        await Task.WhenAll(calls).WithinAsync("all calls are done", Patience);
        Assert.Equal(Enumerable.Range(0, 100), order);
        await Assert.ThrowsAsync<NotSupportedException>(() => thread.RunAsync("Failing", Limit, () => throw new NotSupportedException()));
        Assert.Equal(7, await thread.RunAsync("Going on", Limit, () => 7));
        await thread.EndAsync(Limit, () => order.Clear()).WithinAsync("the client is closed", Patience);
        Assert.Empty(order);
    }

    [Fact]
    public async Task A_call_after_the_end_says_that_it_comes_too_late()
    {
        ClientThread thread = Create();
        await thread.EndAsync(Limit, () => { });
        await Assert.ThrowsAsync<LogException>(() => thread.RunAsync("Asking for the membership", Limit, () => 1));
    }

    private ClientThread Create() => new("test", NullLogger.Instance, _time);
}
