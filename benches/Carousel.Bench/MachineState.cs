using System.Globalization;
using System.Runtime.InteropServices;

namespace Carousel.Bench;

/// <summary>What the figures were measured on, as far as the system tells.</summary>
internal static class MachineState
{
    public static string Describe()
    {
        string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
        string memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        string load = string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
        double gibibytes = double.Parse(memory, CultureInfo.InvariantCulture) / 1024 / 1024;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} × {cpu}, {gibibytes:F0} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, load before the run {load}");
    }
}
