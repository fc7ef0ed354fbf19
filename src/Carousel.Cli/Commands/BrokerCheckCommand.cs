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
        var command = new Command(
            "check",
            "Verify the data directory of the embedded broker, and change nothing in it. Exit code 0: it's sound; 1: there are findings; 2: it can't be checked")
        {
            directory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetValue(directory)!;
            BrokerDirectoryReport report = await CheckAsync(path, cancellationToken);
            await Console.Out.WriteLineAsync(string.Join(Environment.NewLine, [.. report.Findings, Summary(path, report)]));
            return report.Flaws == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<BrokerDirectoryReport> CheckAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await ProgressLine.ShowAsync(
                "checking",
                show => Task.Run(() => BrokerDirectoryCheck.Run(path, segment => show($"checked {segment}"), cancellationToken), cancellationToken));
        }
        catch (BrokerException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static string Summary(string path, BrokerDirectoryReport report)
    {
        string closed = report.WasClosedCleanly ? "closed cleanly"
            : report.ZeroTails > 0 ? $"not closed cleanly, {report.ZeroTails:N0} segments end in space that was allocated ahead and is cut at the next start"
            : "not closed cleanly";
        string verdict = report.Flaws switch
        {
            0 => "Sound.",
            1 => "1 finding that is more than a note, see above.",
            _ => string.Create(CultureInfo.InvariantCulture, $"{report.Flaws:N0} findings that are more than notes, see above."),
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFullPath(path)}: {report.Partitions:N0} partitions, {report.Segments:N0} segments, {report.Batches:N0} record batches, {report.Bytes:N0} bytes; {closed}. {verdict}");
    }
}
