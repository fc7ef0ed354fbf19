using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;

namespace Carousel.Broker.Hosting;

/// <summary>What a check of a data directory found.</summary>
/// <param name="Findings">A line each: how bad it is, where, what is there, and what a broker does about it when it starts.</param>
/// <param name="IsSound">Nothing has to be repaired; there may be findings that are only worth knowing.</param>
public sealed record BrokerDirectoryReport(
    int Partitions, int Segments, long Batches, long Bytes, bool WasClosedCleanly, IReadOnlyList<string> Findings, bool IsSound);

/// <summary>Verifies the data directory of a broker that doesn't run, and changes nothing in it.</summary>
public static class BrokerDirectoryCheck
{
    /// <param name="progress">Told after each segment: its path, and the bytes checked so far in its partition.</param>
    /// <exception cref="BrokerException">It isn't the data directory of a broker, or a broker has it.</exception>
    public static BrokerDirectoryReport Run(string directory, Action<string, long>? progress, CancellationToken cancellationToken)
    {
        var files = new PhysicalFileSystem();
        string path = Path.GetFullPath(directory);
        try
        {
            ClusterIdentity.RefuseForeign(files, path);
        }
        catch (DataDirectoryException e)
        {
            throw new BrokerException(e.Message, e);
        }

        if (PhysicalFileSystem.FindHolder(Path.Combine(path, DataDirectory.LockFile)) is { } holder)
        {
            throw new BrokerException($"The data directory {path} is in use by process {holder}: stop that broker first, for its files change while it runs.");
        }

        LogCheckReport logs = new LogCheck(files, path).Run(progress, cancellationToken);
        IReadOnlyList<LogFinding> findings = files.DirectoryExists(path) ? [.. logs.Findings, .. new CatalogCheck(files, path).Run()] : logs.Findings;
        return new BrokerDirectoryReport(
            logs.Partitions,
            logs.Segments,
            logs.Batches,
            logs.Bytes,
            logs.WasClosedCleanly,
            [.. findings.OrderByDescending(finding => finding.Severity).Select(finding => finding.ToString())],
            findings.All(finding => finding.Severity == FindingSeverity.Note));
    }
}
