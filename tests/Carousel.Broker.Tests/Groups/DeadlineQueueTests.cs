using Carousel.Broker.Groups;
using Carousel.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Groups;

public sealed class DeadlineQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly DeadlineQueue _queue;
    private readonly List<string> _expired = [];

    public DeadlineQueueTests()
    {
        _queue = new DeadlineQueue(_time);
    }

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void Deadlines_expire_in_their_order_and_not_before_their_time()
    {
        Deadline("late").Set(TimeSpan.FromSeconds(20));
        Deadline("early").Set(TimeSpan.FromSeconds(10));

        Pass(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.Empty(_expired);
        Pass(TimeSpan.FromTicks(1));
        Assert.Equal(["early"], _expired);
        Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(["early", "late"], _expired);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void A_deadline_that_is_moved_again_and_again_takes_one_place_in_the_queue()
    {
        Deadline session = Deadline("session");
        for (int beat = 0; beat < 1000; beat++)
        {
            session.Set(TimeSpan.FromSeconds(10));
            Pass(TimeSpan.FromSeconds(3));
            Assert.Equal(1, _queue.Count);
        }

        Assert.Empty(_expired);
        Pass(TimeSpan.FromSeconds(7));
        Assert.Equal(["session"], _expired);
    }

    [Fact]
    public void A_deadline_that_is_brought_forward_expires_once()
    {
        Deadline session = Deadline("session");
        session.Set(TimeSpan.FromMinutes(5));
        session.Set(TimeSpan.FromSeconds(10));

        Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(["session"], _expired);
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(["session"], _expired);
    }

    [Fact]
    public void A_deadline_that_is_given_up_does_not_expire_until_it_is_set_again()
    {
        Deadline session = Deadline("session");
        session.Set(TimeSpan.FromSeconds(10));
        session.Cancel();
        Assert.False(session.IsDue);
        Pass(TimeSpan.FromSeconds(20));
        Assert.Empty(_expired);

        session.Set(TimeSpan.Zero);
        Assert.True(session.IsDue);
        Pass(TimeSpan.Zero);
        Assert.Equal(["session"], _expired);
    }

    [Fact]
    public async Task The_loop_wakes_for_a_deadline_that_is_earlier_than_the_one_it_waits_for()
    {
        using var stop = new CancellationTokenSource();
        var early = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Deadline(_queue, late.SetResult).Set(TimeSpan.FromDays(3));
        Task running = _queue.RunAsync(stop.Token);
        new Deadline(_queue, early.SetResult).Set(TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        await early.Task.WithinAsync("the early deadline expired", TimeSpan.FromSeconds(20));
        Assert.False(late.Task.IsCompleted);

        // A timer that spans days wakes in between and goes on waiting, each time when the loop has armed it anew.
        await Eventually.TrueAsync("the late deadline expired", () => Advance(late), expired => expired, TimeSpan.FromSeconds(20));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private bool Advance(TaskCompletionSource awaited)
    {
        _time.Advance(TimeSpan.FromDays(1));
        return awaited.Task.IsCompleted;
    }

    private Deadline Deadline(string name) => new(_queue, () => _expired.Add(name));

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _queue.ExpireDue();
    }
}
