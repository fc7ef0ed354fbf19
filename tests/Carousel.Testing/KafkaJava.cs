using System.Diagnostics;
using System.Globalization;

namespace Carousel.Testing;

/// <summary>
/// How tests have Kafka's Java programs run. Most live for a second or two, in which they would do little but load and compile classes: they compile simply,
/// and take their classes from an archive (class data sharing) that the first one which ends by itself leaves beside the tests. Without it they start slower.
/// </summary>
public static class KafkaJava
{
    private const string Variable = "JAVA_TOOL_OPTIONS";

    /// <summary>The JVM's own log would go to standard output, among the program's lines.</summary>
    private const string Options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xlog:disable -Xlog:all=error:stderr";

    private static readonly string Archive = Path.Combine(AppContext.BaseDirectory, "kafka-classes.jsa");
    private static int _isMade;

    /// <summary>For a program that may be killed.</summary>
    public static void Configure(ProcessStartInfo start) =>
        start.Environment[Variable] = File.Exists(Archive) ? $"{Options} -XX:SharedArchiveFile={Archive}" : Options;

    /// <summary>Runs a program that ends by itself; the first one leaves the archive.</summary>
    /// <param name="run">Starts it, and returns when it has ended.</param>
    public static async Task<T> RunAsync<T>(ProcessStartInfo start, Func<Task<T>> run)
    {
        Configure(start);
        if (File.Exists(Archive) || Interlocked.Exchange(ref _isMade, 1) == 1)
        {
            return await run();
        }

        string unfinished = string.Create(CultureInfo.InvariantCulture, $"{Archive}.{Environment.ProcessId}");
        start.Environment[Variable] = $"{Options} -XX:ArchiveClassesAtExit={unfinished}";
        T result = await run();
        if (File.Exists(unfinished))
        {
            File.Move(unfinished, Archive, overwrite: true);
        }

        return result;
    }
}
