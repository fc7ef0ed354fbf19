using System.Globalization;

namespace Carousel.Bench;

/// <summary>Processor time and memory of a running process, by proc(5).</summary>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long PeakMemoryBytes)
{
    /// <summary>Clock ticks per second (sysconf _SC_CLK_TCK), 100 on every Linux that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    public static ProcessUsage Of(int processId)
    {
        // The command's name stands in parentheses and may hold blanks; utime and stime are the 14th and 15th fields.
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        string peak = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        long kibibytes = long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new ProcessUsage(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), kibibytes * 1024);
    }
}
