namespace Carousel.Broker.Tests.Transactions.Simulation;

/// <summary>Runs everything that is awaited on the thread of the test, in one order for one seed.</summary>
internal sealed class PumpContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();

    public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Runs the simulation here, and puts back what was before.</summary>
    public static void Run(Action<PumpContext> simulation)
    {
        SynchronizationContext? before = Current;
        var pump = new PumpContext();
        SetSynchronizationContext(pump);
        try
        {
            simulation(pump);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs a test that awaits only what happens in this process: where everything waits, it is stuck.</summary>
    public static void Run(Func<Task> test) => Run(pump =>
    {
        Task running = test();
        pump.Drain();
        Assert.True(running.IsCompleted, "the test waits for something that never comes");
        running.GetAwaiter().GetResult();
    });

    /// <summary>Lets everything else run until it waits.</summary>
    public static async Task SettleAsync()
    {
        const int RoundsMax = 100;
        for (int round = 0; round < RoundsMax; round++)
        {
            await Task.Yield();
        }
    }

    public bool RunOne()
    {
        bool isPosted = _posted.TryDequeue(out (SendOrPostCallback Callback, object? State) posted);
        if (isPosted)
        {
            posted.Callback(posted.State);
        }

        return isPosted;
    }

    /// <summary>Runs what can run, until everything waits for something.</summary>
    public void Drain()
    {
        while (RunOne())
        {
        }
    }
}
