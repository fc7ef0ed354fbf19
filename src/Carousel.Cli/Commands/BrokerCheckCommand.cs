using System.CommandLine;
using System.Globalization;
using Carousel.Broker.Hosting;

namespace Carousel.Cli.Commands;

/// <summary>Looks through the data directory of an embedded broker that doesn't run.</summary>
internal static class BrokerCheckCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIR") { Description = "data directory of a broker that doesn't run" };
        var command = new Command("check", "Verify the data directory of the embedded broker, and change nothing; exit code 1 when there is something to repair") { directory };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetValue(directory)!;
            BrokerDirectoryReport report = await ProgressLine.ShowAsync(
                "checking",
                show => Task.Run(() => BrokerDirectoryCheck.Run(path, (segment, _) => show($"checking {segment}"), cancellationToken), cancellationToken));
            await Console.Out.WriteLineAsync(string.Join(Environment.NewLine, Lines(path, report)));
            return report.IsSound ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static IEnumerable<string> Lines(string path, BrokerDirectoryReport report)
    {
        string closed = report.WasClosedCleanly ? "it was closed cleanly" : "it wasn't closed cleanly, so the next start looks through what was written last";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFullPath(path)}: {report.Partitions:N0} partitions, {report.Segments:N0} segments, {report.Batches:N0} record batches, {report.Bytes:N0} bytes; {closed}.");
        foreach (string finding in report.Findings)
        {
            yield return finding;
        }

        yield return report.IsSound ? "Sound." : "Not sound: see the findings above, and what the next start does about each.";
    }
}
