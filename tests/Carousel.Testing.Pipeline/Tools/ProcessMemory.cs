using System.Globalization;

namespace Carousel.Testing.Pipeline.Tools;

/// <summary>What a process needs, by proc(5).</summary>
internal static class ProcessMemory
{
    /// <summary>The resident size now, MiB.</summary>
    public static long ResidentMiB(int processId) => Field(processId, "VmRSS:") / 1024;

    /// <summary>The largest resident size it ever had, MiB.</summary>
    public static long PeakMiB(int processId) => Field(processId, "VmHWM:") / 1024;

    private static long Field(int processId, string name)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
