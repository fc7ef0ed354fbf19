using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;

namespace Carousel.Stages.Tests.Simulation;

/// <summary>Fails chosen operations, before or after they take effect.</summary>
internal sealed class FailingOnce(LogOperation operation, bool applied, int times = 1, bool isFenced = false) : ILogInterceptor
{
    private int _left = times;

    public bool IsSpent => _left == 0;

    public Task BeforeAsync(LogOperation candidate) => applied ? Task.CompletedTask : Fail(candidate);

    public Task AfterAsync(LogOperation candidate) => applied ? Fail(candidate) : Task.CompletedTask;

    private Task Fail(LogOperation candidate)
    {
        if (candidate != operation || _left == 0)
        {
            return Task.CompletedTask;
        }

        _left--;
        return Task.FromException(new LogException($"{operation} failed on request", isFenced: isFenced));
    }
}

/// <summary>Runs the test's own code around operations.</summary>
internal sealed class Observing(Func<LogOperation, Task>? before = null, Func<LogOperation, Task>? after = null) : ILogInterceptor
{
    public Task BeforeAsync(LogOperation operation) => before?.Invoke(operation) ?? Task.CompletedTask;

    public Task AfterAsync(LogOperation operation) => after?.Invoke(operation) ?? Task.CompletedTask;
}

/// <summary>
/// Stops a process at its n-th step, a step being the moment before or after an operation: that operation and all later ones never return. Before, each
/// may take a while, or fail without or with effect, as the seed has it.
/// </summary>
internal sealed class StopAfter(int steps, Scheduler scheduler, double failureRate) : ILogInterceptor
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    public int Steps { get; private set; }

    public bool IsStopped => Steps >= steps;

    public Task BeforeAsync(LogOperation operation) => StepAsync(operation);

    public Task AfterAsync(LogOperation operation) => StepAsync(operation);

    private Task StepAsync(LogOperation operation)
    {
        if (IsStopped)
        {
            return Never;
        }

        // Polls go on for ever, and most of them change nothing: they would only dilute the steps.
        if (operation != LogOperation.Poll && ++Steps >= steps)
        {
            return Never;
        }

        if (operation is not (LogOperation.Poll or LogOperation.Leave) && scheduler.Random.NextDouble() < failureRate)
        {
            return Task.FromException(new LogException($"{operation} failed at step {Steps}"));
        }

        return operation == LogOperation.Send || scheduler.Random.Next(3) > 0
            ? Task.CompletedTask
            : Task.Delay(TimeSpan.FromMilliseconds(scheduler.Random.Next(60)), scheduler.Time);
    }
}
