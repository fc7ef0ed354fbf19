using System.Diagnostics;
using HdrHistogram;
using Microsoft.Win32.SafeHandles;

namespace Carousel.Bench;

/// <summary>What the disk itself takes: writes of 1 KiB into a file of a fixed length, an fsync after each.</summary>
internal static class DiskProbe
{
    private const int WriteBytes = 1024;

    /// <returns>Microseconds of write and fsync together.</returns>
    public static LongHistogram Run(int count)
    {
        var times = new LongHistogram(TimeSpan.TicksPerMinute, 3);
        string path = Path.Combine(Path.GetTempPath(), $"carousel-bench-{Guid.NewGuid():N}");
        byte[] bytes = new byte[WriteBytes];
        Random.Shared.NextBytes(bytes);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, preallocationSize: (long)count * WriteBytes);
            RandomAccess.SetLength(file, (long)count * WriteBytes);
            RandomAccess.FlushToDisk(file);
            for (int index = 0; index < count; index++)
            {
                long started = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, bytes, (long)index * WriteBytes);
                RandomAccess.FlushToDisk(file);
                times.RecordValue((long)Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }
        }
        finally
        {
            File.Delete(path);
        }

        return times;
    }
}
