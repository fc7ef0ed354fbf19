using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;

namespace Carousel.Broker.Hosting;

/// <summary>What a check of a data directory found.</summary>
/// <param name="ZeroTails">Segments that end in space that was allocated ahead, as a killed broker leaves them; the next start cuts it.</param>
/// <param name="Findings">A line each, the worst first: how bad it is, where, what is there, and what a broker does about it when it starts.</param>
/// <param name="Flaws">How many of them are more than only worth knowing.</param>
public sealed record BrokerDirectoryReport(
    int Partitions, int Segments, long Batches, long Bytes, int ZeroTails, bool WasClosedCleanly, IReadOnlyList<string> Findings, int Flaws);

/// <summary>Verifies the data directory of a broker that doesn't run, and changes nothing in it.</summary>
public static class BrokerDirectoryCheck
{
    /// <summary>Looks at every byte. No broker can start on the directory meanwhile.</summary>
    /// <param name="segmentDone">Told the path of each segment when it was checked.</param>
    /// <exception cref="BrokerException">It isn't the data directory of a broker, or a broker has it.</exception>
    public static BrokerDirectoryReport Run(string directory, Action<string>? segmentDone, CancellationToken cancellationToken)
    {
        var files = new PhysicalFileSystem();
        string path = Path.GetFullPath(directory);
        RefuseForeign(files, path);
        using IDisposable? held = Hold(path);
        var catalog = new CatalogCheck(files, path);
        catalog.Read();
        LogCheckReport logs = new LogCheck(files, path, catalog.KnowledgeOf).Run(segmentDone, cancellationToken);
        LogFinding[] findings = [.. logs.Findings.Concat(catalog.Compare(logs)).OrderByDescending(finding => finding.Severity)];
        return new BrokerDirectoryReport(
            logs.Partitions,
            logs.Segments,
            logs.Batches,
            logs.Bytes,
            logs.ZeroTails,
            logs.WasClosedCleanly,
            [.. findings.Select(finding => finding.ToString())],
            findings.Count(finding => finding.Severity != FindingSeverity.Note));
    }

    private static void RefuseForeign(PhysicalFileSystem files, string path)
    {
        if (!files.DirectoryExists(path))
        {
            throw new BrokerException($"There is no directory {path}.");
        }

        try
        {
            ClusterIdentity.RefuseForeign(files, path);
        }
        catch (DataDirectoryException e)
        {
            // The pipeline keeps it below its own.
            string below = Path.Combine(path, "broker");
            string hint = files.FileExists(Path.Combine(below, ClusterIdentity.FileName)) ? $" There is one in {below}." : "";
            throw new BrokerException(e.Message + hint, e);
        }

        if (!files.FileExists(Path.Combine(path, ClusterIdentity.FileName)))
        {
            throw new BrokerException($"{path} isn't the data directory of a broker: it has no {ClusterIdentity.FileName}, so no broker has ever run on it.");
        }
    }

    private static IDisposable? Hold(string path)
    {
        try
        {
            return PhysicalFileSystem.Hold(Path.Combine(path, DataDirectory.LockFile));
        }
        catch (FileLockedException e)
        {
            throw new BrokerException($"The data directory {path} is in use by process {e.Holder}: stop that one first, for a broker changes its files while it runs.", e);
        }
    }
}
