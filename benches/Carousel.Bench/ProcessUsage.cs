using System.Globalization;

namespace Carousel.Bench;

/// <summary>Processor time and memory of a running process, by proc(5).</summary>
/// <param name="MemoryBytes">Resident now.</param>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long MemoryBytes, long PeakMemoryBytes)
{
    /// <summary>Clock ticks per second (sysconf _SC_CLK_TCK), 100 on every Linux that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    public static ProcessUsage Of(int processId)
    {
        // The command's name stands in parentheses and may hold blanks; utime and stime are the 14th and 15th fields.
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        string[] status = File.ReadAllLines($"/proc/{processId}/status");
        return new ProcessUsage(TimeSpan.FromSeconds((double)ticks / TicksPerSecond), BytesOf(status, "VmRSS:"), BytesOf(status, "VmHWM:"));
    }

    private static long BytesOf(string[] status, string name)
    {
        string line = status.First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
