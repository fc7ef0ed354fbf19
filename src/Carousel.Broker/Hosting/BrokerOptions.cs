using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using Carousel.Broker.Groups;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;

namespace Carousel.Broker.Hosting;

/// <summary>When a record counts as stored.</summary>
public enum BrokerFlushMode
{
    /// <summary>Once it is on disk: acks=all survives a power loss.</summary>
    Disk,

    /// <summary>Once the operating system has it, as Kafka does it by default: acks=all survives the end of the process, not of the machine.</summary>
    OperatingSystem,
}

/// <summary>How the broker runs. The defaults suit a pipeline on one machine; names and values follow Kafka's where it has them.</summary>
public sealed class BrokerOptions : IValidatableObject
{
    /// <summary>The folder that holds all topics; made if missing. One process at a time.</summary>
    [Required]
    public string DataDirectory { get; set; } = "";

    /// <summary>Where it listens. Only a loopback address, or <c>localhost</c>, until there is TLS and SASL.</summary>
    [Required]
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>0 takes a free one. Default 9092.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 9092;

    /// <summary>The address that clients are told to connect to. Default: the listen address.</summary>
    public string? AdvertisedHost { get; set; }

    /// <summary>The port that clients are told to connect to, such as a proxy's. Default: the one it listens on.</summary>
    [Range(1, 65535)]
    public int? AdvertisedPort { get; set; }

    public BrokerFlushMode FlushMode { get; set; } = BrokerFlushMode.Disk;

    /// <summary>Bytes of one request, at most. Kafka: socket.request.max.bytes, 100 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int RequestBytesMax { get; set; } = 100 * 1024 * 1024;

    /// <summary>
    /// Bytes of all requests in flight, at most; a quarter is for those up to 64 KiB. Beyond it nothing is read, which holds clients back. Default 256 MiB.
    /// </summary>
    [Range(1 << 20, 1L << 40)]
    public long RequestMemoryBytesMax { get; set; } = 256L * 1024 * 1024;

    /// <summary>Bytes of request buffers that are kept for the next requests, at most. Default 32 MiB.</summary>
    [Range(0, 1L << 40)]
    public long RetainedBytesMax { get; set; } = 32L * 1024 * 1024;

    /// <summary>
    /// Bytes of records in one fetch response, at most; a single larger batch is sent all the same. Kafka: fetch.max.bytes, 55 MiB. Default 2 MiB: it fits into
    /// caches and socket buffers, and was read three times as fast as 8 MiB.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int FetchBytesMax { get; set; } = 2 * 1024 * 1024;

    /// <summary>
    /// Bytes of records in all fetch responses on their way, at most. When it is used up, the client that has taken nothing for the longest time loses its
    /// connection. Default 128 MiB.
    /// </summary>
    [Range(1 << 20, 1L << 40)]
    public long FetchMemoryBytesMax { get; set; } = 128L * 1024 * 1024;

    /// <summary>Open connections, at most. Kafka: max.connections, without bound. Default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 20_000;

    /// <summary>Produce requests of one connection whose answers are awaited at the same time. Default 64.</summary>
    [Range(1, 10_000)]
    public int PipelinedRequestsMax { get; set; } = 64;

    /// <summary>A connection without a request for this long is closed. Kafka: connections.max.idle.ms, 10 minutes.</summary>
    public TimeSpan ConnectionIdleMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A request must arrive whole within this time of its first byte, not counting waits for memory. Default 30 s.</summary>
    public TimeSpan RequestTimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for requests that have begun. Default 5 s.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>auto.create.topics.enable: a client that asks for a topic gets it made, if it wants that. Off by default: a misspelt name is better refused.</summary>
    public bool AutoCreateTopics { get; set; }

    /// <summary>num.partitions: partitions of a topic that is made without saying how many. Default 1, as Kafka's.</summary>
    [Range(1, 10_000)]
    public int DefaultPartitionCount { get; set; } = 1;

    /// <summary>Takes any replication factor for 1 instead of refusing it, for test suites written for clusters.</summary>
    public bool ClampReplicationFactor { get; set; }

    /// <summary>group.min.session.timeout.ms. Default 6 s.</summary>
    public TimeSpan GroupSessionTimeoutMin { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>group.initial.rebalance.delay.ms: how long the first members of a new group wait for others. Default 0.</summary>
    public TimeSpan GroupInitialRebalanceDelay { get; set; } = TimeSpan.Zero;

    internal TopicCatalogOptions Topics => new()
    {
        AutoCreateTopics = AutoCreateTopics,
        DefaultPartitionCount = DefaultPartitionCount,
        ClampReplicationFactor = ClampReplicationFactor,
    };

    internal GroupOptions Groups => new() { SessionTimeoutMin = GroupSessionTimeoutMin, InitialRebalanceDelay = GroupInitialRebalanceDelay };

    internal ConnectionLimits Limits => new(RequestBytesMax, PipelinedRequestsMax, ConnectionIdleMax, RequestTimeMax);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!TryGetLoopback(ListenAddress, out _))
        {
            yield return new ValidationResult(
                $"The broker can't listen on {ListenAddress}: it has neither TLS nor SASL yet, so anybody who can reach the address could read and write everything. "
                + "Use 127.0.0.1, ::1 or localhost.",
                [nameof(ListenAddress)]);
        }

        if (RequestBytesMax > RequestMemoryBytesMax - (RequestMemoryBytesMax / 4))
        {
            yield return new ValidationResult(
                $"{nameof(RequestBytesMax)} {RequestBytesMax} is more than three quarters of {nameof(RequestMemoryBytesMax)} {RequestMemoryBytesMax}: such a request would never fit.",
                [nameof(RequestBytesMax)]);
        }

        if (ConnectionIdleMax <= TimeSpan.Zero || RequestTimeMax <= TimeSpan.Zero || StopGrace < TimeSpan.Zero)
        {
            yield return new ValidationResult("Times must be positive.", [nameof(ConnectionIdleMax), nameof(RequestTimeMax), nameof(StopGrace)]);
        }
    }

    internal PartitionSetOptions PartitionSet(string directory) => new()
    {
        DataDirectory = directory,
        FlushMode = FlushMode == BrokerFlushMode.Disk ? Log.FlushMode.Fsync : Log.FlushMode.OperatingSystem,
    };

    /// <summary>A host and a port as clients take them: an IPv6 address in brackets.</summary>
    public static string Endpoint(string host, int port) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{Number(port)}" : $"{host}:{Number(port)}";

    /// <summary>Kafka's configs that these options are, and those that are given by there being one node, as DescribeConfigs shows them.</summary>
    internal ConfigOverrides StaticConfigs(string directory) => ConfigOverrides.Of(
    [
        new("advertised.listeners", $"PLAINTEXT://{Endpoint(AdvertisedHost ?? ListenAddress, AdvertisedPort ?? Port)}"),
        new("auto.create.topics.enable", AutoCreateTopics ? "true" : "false"),
        new("broker.id", Number(TopicCatalogOptions.NodeId)),
        new("connections.max.idle.ms", Number((long)ConnectionIdleMax.TotalMilliseconds)),
        new("fetch.max.bytes", Number(FetchBytesMax)),
        new("group.initial.rebalance.delay.ms", Number((long)GroupInitialRebalanceDelay.TotalMilliseconds)),
        new("group.min.session.timeout.ms", Number((long)GroupSessionTimeoutMin.TotalMilliseconds)),
        new("listeners", $"PLAINTEXT://{Endpoint(ListenAddress, Port)}"),
        new("log.dirs", directory),
        new("max.connections", Number(ConnectionsMax)),
        new("node.id", Number(TopicCatalogOptions.NodeId)),
        new("num.partitions", Number(DefaultPartitionCount)),
        new("offsets.topic.num.partitions", Number(Topics.CoordinatorPartitionCount)),
        new("offsets.topic.replication.factor", "1"),
        new("process.roles", "broker,controller"),
        new("socket.request.max.bytes", Number(RequestBytesMax)),
        new("transaction.state.log.min.isr", "1"),
        new("transaction.state.log.num.partitions", Number(Topics.CoordinatorPartitionCount)),
        new("transaction.state.log.replication.factor", "1"),
    ]);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    internal static bool TryGetLoopback(string address, out IPAddress loopback)
    {
        if (address.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            loopback = IPAddress.Loopback;
            return true;
        }

        return IPAddress.TryParse(address, out loopback!) && IPAddress.IsLoopback(loopback);
    }
}
