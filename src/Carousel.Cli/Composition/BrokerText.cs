using System.Globalization;
using Carousel.Broker.Hosting;

namespace Carousel.Cli.Composition;

/// <summary>What the embedded broker says of itself at its start, so that nobody takes it for more than it is.</summary>
internal static class BrokerText
{
    public static string Of(BrokerOptions options)
    {
        string flush = options.FlushMode == BrokerFlushMode.Disk
            ? "flush disk (acks=all is answered once it is on disk)"
            : "flush os (acks=all is answered once the system has it: a power loss may take it back)";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Embedded broker at {BrokerOptions.Endpoint(options.ListenAddress, options.Port)}, data in {Path.GetFullPath(options.DataDirectory)}, {flush}. It is for one machine and replicates nothing.");
    }
}
