using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>
/// Stages are stopped at each of their steps, under random schedules, and what comes out is compared with what one record after another would have given.
/// A failure names its schedule; <c>CAROUSEL_REPLAY=seed:step</c>, or <c>seed:step:mutant's name</c>, runs that one alone and prints the stage's log.
/// </summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private const int ScheduleCount = 10_000;
    private const int StepMax = 260;
    private const int MutantScheduleMax = 2_000;
    private static readonly string? Replay = Environment.GetEnvironmentVariable("CAROUSEL_REPLAY");

    [Fact]
    public void Under_ten_thousand_random_schedules_each_record_ends_once_and_in_order()
    {
        if (Replay is { Length: > 0 })
        {
            RunAgain(Replay);
            return;
        }

        int stopped = 0;
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        for (int seed = 0; seed < ScheduleCount; seed++)
        {
            stopped += RunOrFail(seed, 1 + (seed * 7 % StepMax)) ? 1 : 0;
        }

        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        output.WriteLine($"{ScheduleCount} schedules, {stopped} of which ended the first instance; {cpu.TotalSeconds:N1} s of CPU, with what ran beside.");
        Assert.True(stopped > ScheduleCount / 3, $"Only {stopped} schedules ended the first instance.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Stopped_at_any_step_of_a_run_the_next_goes_on_as_if_nothing_had_been(int seed)
    {
        int step = 1;
        while (RunOrFail(1_000_000 + seed, step))
        {
            step++;
        }

        output.WriteLine($"{step} steps.");
        Assert.True(step > 20, $"The run had {step} steps alone.");
    }

    [Fact]
    public void Each_of_the_deliberate_bugs_is_found()
    {
        int found = 0;
        int schedules = 0;
        var missed = new List<string>();
        foreach (Mutant mutant in Mutants.All)
        {
            (int after, string? how) = Find(mutant);
            schedules += after;
            found += how is null ? 0 : 1;
            output.WriteLine(how is null ? $"MISSED  {mutant}" : $"{after,5}  {mutant}: {how}");
            if (how is null)
            {
                missed.Add(mutant.Name);
            }
        }

        output.WriteLine($"{found} of {Mutants.All.Count} deliberate bugs were found, in {schedules} schedules.");
        Assert.True(Mutants.All.Count >= 20);
        Assert.Empty(missed);
    }

    [Fact]
    public void Lanes_without_a_bug_are_not_blamed()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var schedule = new Schedule(seed, 1 + (seed * 7 % StepMax), Mutants.Control);
            IReadOnlyList<string> violations = schedule.Run().Violations;
            Assert.True(violations is [], $"{schedule.Name}: {string.Join("; ", violations)}; {schedule.Describe()}");
        }
    }

    private static (int Schedules, string? How) Find(Mutant mutant)
    {
        for (int seed = 0; seed < MutantScheduleMax; seed++)
        {
            var schedule = new Schedule(seed, 1 + (seed * 7 % StepMax), mutant);
            if (schedule.Run().Violations is [var first, ..])
            {
                return (seed + 1, $"{schedule.Name}: {first}");
            }
        }

        return (MutantScheduleMax, null);
    }

    /// <returns>Whether the run had that step.</returns>
    private static bool RunOrFail(int seed, int step)
    {
        var schedule = new Schedule(seed, step);
        (IReadOnlyList<string> violations, bool stopped) = schedule.Run();
        Assert.True(violations.Count == 0, string.Create(
            CultureInfo.InvariantCulture,
            $"Schedule {schedule.Name} went wrong: {string.Join("; ", violations)}. Run again with CAROUSEL_REPLAY={schedule.Name}. It had {schedule.Describe()}."));
        return stopped;
    }

    private void RunAgain(string name)
    {
        string[] parts = name.Split(':', 3);
        Mutant? mutant = parts.Length > 2 ? Mutants.All.Single(mutant => mutant.Name == parts[2]) : null;
        var schedule = new Schedule(int.Parse(parts[0], null), int.Parse(parts[1], null), mutant, new OutputLogger(output));
        (IReadOnlyList<string> violations, _) = schedule.Run();
        output.WriteLine(schedule.Describe());
        Assert.Empty(violations);
    }

    private sealed class OutputLogger(ITestOutputHelper output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            output.WriteLine($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
    }
}
