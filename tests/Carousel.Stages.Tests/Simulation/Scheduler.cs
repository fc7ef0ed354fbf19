namespace Carousel.Stages.Tests.Simulation;

/// <summary>
/// Runs everything that is awaited under it on one thread, one continuation at a time, chosen by the seed among those that are ready; time passes only
/// when none is. The same seed gives the same run.
/// </summary>
internal sealed class Scheduler(int seed) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public int Seed { get; } = seed;

    public Random Random { get; } = new(seed);

    public SimulatedTime Time { get; } = new();

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("Something ran outside the simulation.");
        }

        _ready.Add((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <summary>Starts something in the simulation; it goes on in <see cref="RunUntil"/>.</summary>
    public T Under<T>(Func<T> start)
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            return start();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs until the condition holds.</summary>
    /// <param name="seen">Says what there was instead, when it doesn't within five simulated minutes.</param>
    public void RunUntil(string what, Func<bool> condition, Func<string>? seen = null)
    {
        TimeSpan end = Time.Elapsed + TimeSpan.FromMinutes(5);
        Under(() =>
        {
            while (!condition())
            {
                if (!Step() || Time.Elapsed > end)
                {
                    throw new TimeoutException($"Seed {Seed}: ran for {Time.Elapsed} until {what}; saw {seen?.Invoke() ?? "that it isn't so"}.");
                }
            }

            return true;
        });
    }

    /// <summary>Runs for a while.</summary>
    public void RunFor(TimeSpan time)
    {
        TimeSpan end = Time.Elapsed + time;
        bool over = false;
        using ITimer timer = Time.CreateTimer(_ => over = true, null, time, Timeout.InfiniteTimeSpan);
        RunUntil($"{end} has come", () => over);
    }

    /// <summary>Runs until the task has ended, and gives what it gave.</summary>
    public void RunToEnd(string what, Task task)
    {
        RunUntil(what, () => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    private bool Step()
    {
        if (_ready.Count == 0)
        {
            return Time.FireNext();
        }

        int chosen = Random.Next(_ready.Count);
        (SendOrPostCallback callback, object? state) = _ready[chosen];
        _ready[chosen] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        callback(state);
        return true;
    }
}
