using Carousel.Stages.Engine;
using Carousel.Stages.Tests.Simulation;
using static Carousel.Stages.Tests.Simulation.SimulatedStage;

namespace Carousel.Stages.Tests.Engine;

public sealed class CircuitTests
{
    private static readonly Outcome Away = new Outcome.Unavailable("payments", "refused");

    [Fact]
    public void An_outage_pauses_everything_and_dead_letters_nothing()
    {
        var sim = new SimulatedStage(partitionCount: 2);
        sim.Options.Retry.AttemptsMax = 2;
        sim.AppendMany(500, i => $"key-{i}");
        bool away = true;
        int calls = 0;
        int running = 0;
        int runningMax = 0;
        RunningStage stage = sim.Start(async delivery =>
        {
            calls++;
            runningMax = Math.Max(runningMax, ++running);
            await Task.Delay(TimeSpan.FromMilliseconds(20), sim.Scheduler.Time);
            running--;
            return away ? Away : To("out", delivery.Record);
        });
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(10));

        // All that were under way have failed; from now on there is one probe at a time.
        (calls, runningMax) = (0, 0);
        sim.Scheduler.RunFor(TimeSpan.FromSeconds(60));
        Assert.Equal(1, runningMax);
        Assert.InRange(calls, 5, 60);
        Assert.Null(sim.Log.CommittedOffset(Group, In(0)));
        away = false;
        sim.RunUntilConsumed(stage);
        Assert.Equal(500, sim.Read("out").Distinct().Count());
        Assert.Empty(sim.Read("dlq"));
        sim.Stop(stage);
    }

    [Fact]
    public void A_stage_stops_during_an_outage()
    {
        var sim = new SimulatedStage();
        sim.AppendMany(10, i => $"key-{i}");
        int calls = 0;
        RunningStage stage = sim.Start(_ =>
        {
            calls++;
            return Task.FromResult(Away);
        });
        sim.RunUntil("the circuit has opened", () => calls >= 10, stage);
        sim.Stop(stage);
        Assert.Null(sim.Log.CommittedOffset(Group, In(0)));
    }

    [Fact]
    public void A_batch_that_fails_while_the_stage_stops_does_not_hold_it_up()
    {
        var sim = new SimulatedStage();
        sim.Options.ShutdownDrainMax = TimeSpan.FromSeconds(1);
        sim.Append("a", "1");
        bool called = false;
        RunningStage stage = sim.StartBatches(async (_, cancellationToken) =>
        {
            called = true;
            var cancelled = new TaskCompletionSource();
            using CancellationTokenRegistration registration = cancellationToken.Register(cancelled.SetResult);
            await cancelled.Task;
            throw new DependencyUnavailableException("database", "closed");
        });
        sim.RunUntil("the handler is called", () => called, stage);
        TimeSpan before = sim.Scheduler.Time.Elapsed;
        sim.Stop(stage);
        Assert.InRange(sim.Scheduler.Time.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void A_probe_that_tries_nothing_passes_its_turn_on()
    {
        var scheduler = new Scheduler(1);
        using Circuit circuit = Make(scheduler);
        circuit.OnUnavailable(Generation(EnterAsync(scheduler, circuit)), "d", "");
        Task<long> first = EnterAsync(scheduler, circuit);
        Task<long> second = EnterAsync(scheduler, circuit);
        scheduler.RunUntil("the first is let through", () => first.IsCompleted);
        Assert.False(second.IsCompleted);
        circuit.OnAbandoned(Generation(first));
        scheduler.RunUntil("the second is let through", () => second.IsCompleted);
        circuit.OnAvailable(Generation(second));
        Assert.False(circuit.IsOpen);
    }

    [Fact]
    public void A_turn_that_nobody_waits_for_is_kept_for_the_next_alone()
    {
        var scheduler = new Scheduler(1);
        using Circuit circuit = Make(scheduler);
        circuit.OnUnavailable(Generation(EnterAsync(scheduler, circuit)), "d", "");
        scheduler.RunFor(TimeSpan.FromMinutes(1));
        Assert.True(EnterAsync(scheduler, circuit).IsCompleted);
        Assert.False(EnterAsync(scheduler, circuit).IsCompleted);
    }

    [Fact]
    public void Who_is_let_through_by_the_closing_is_no_probe_of_the_next_opening()
    {
        var scheduler = new Scheduler(1);
        using Circuit circuit = Make(scheduler);
        circuit.OnUnavailable(Generation(EnterAsync(scheduler, circuit)), "d", "");
        Task<long> probe = EnterAsync(scheduler, circuit);
        Task<long> waiting = EnterAsync(scheduler, circuit);
        scheduler.RunUntil("the probe is let through", () => probe.IsCompleted);
        circuit.OnAvailable(Generation(probe));
        circuit.OnUnavailable(Generation(probe), "d", "");
        scheduler.RunUntil("the other has noticed", () => waiting.IsCompleted);
        circuit.OnAvailable(Generation(waiting));
        Assert.True(circuit.IsOpen);
    }

    [Fact]
    public void Who_gives_up_waiting_takes_nobodys_turn()
    {
        var scheduler = new Scheduler(1);
        using Circuit circuit = Make(scheduler);
        using var stop = new CancellationTokenSource();
        circuit.OnUnavailable(Generation(EnterAsync(scheduler, circuit)), "d", "");
        Task<long> leaving = EnterAsync(scheduler, circuit, stop.Token);
        Task<long> staying = EnterAsync(scheduler, circuit);
        stop.Cancel();
        scheduler.RunUntil("one is let through", () => staying.IsCompleted);
        Assert.True(leaving.IsCanceled);
        circuit.OnAvailable(Generation(staying));

        // Nothing is left over from the closing: the next opening waits for its backoff.
        circuit.OnUnavailable(Generation(staying), "d", "");
        Assert.False(EnterAsync(scheduler, circuit).IsCompleted);
    }

    private static Circuit Make(Scheduler scheduler) => scheduler.Under(() => new Circuit(new RetryOptions(), scheduler.Time, scheduler.Random, (_, _, _) => { }, _ => { }));

    private static Task<long> EnterAsync(Scheduler scheduler, Circuit circuit, CancellationToken cancellationToken = default) =>
        scheduler.Under(() => circuit.EnterAsync(cancellationToken).AsTask());

    private static long Generation(Task<long> entered)
    {
        Assert.True(entered.IsCompleted);
        return entered.GetAwaiter().GetResult();
    }
}
