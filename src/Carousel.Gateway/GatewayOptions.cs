using System.ComponentModel.DataAnnotations;
using Carousel.Orders;

namespace Carousel.Gateway;

/// <summary>Settings of the gateway; the defaults suit one machine. <see cref="GatewayServer.Build"/> checks them and names what is wrong.</summary>
public sealed class GatewayOptions
{
    /// <summary>
    /// Where to listen: <c>http://</c>, an IP address (<c>0.0.0.0</c> or <c>*</c> for all, <c>localhost</c> for loopback) and a port; 0 picks a free one.
    /// Without <see cref="ApiKeys"/> only loopback is allowed. TLS ends in front of the gateway.
    /// </summary>
    [Required]
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>Who may call. Without any, everybody who reaches loopback is the client <c>local</c> with all scopes.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; set; } = [];

    /// <summary>Secret of the order ids, at least 32 bytes in hex, the same for all instances and all time: ids made with another are not recognised.</summary>
    public string? OrderIdKey { get; set; }

    /// <summary>A file that holds the secret instead; it is made, readable by its owner only, when it isn't there.</summary>
    public string? OrderIdKeyFile { get; set; }

    /// <summary>What the records of <c>orders</c> are keyed by. Default: the customer, whose orders then keep their order.</summary>
    public OrderPartitioning Partitioning { get; set; } = OrderPartitioning.Customer;

    /// <summary>Goes before every topic name.</summary>
    public string TopicPrefix { get; set; } = "";

    /// <summary>Largest body of one order. Default 1 MiB, which takes 2,000 lines with long item codes.</summary>
    [Range(1_024, 16 * 1_048_576)]
    public int BodyBytesMax { get; set; } = 1_048_576;

    /// <summary>Bodies being read at the same time, in all; more are answered 503. Default 64 MiB.</summary>
    [Range(1_048_576, 1_073_741_824)]
    public long BodyBytesInFlightMax { get; set; } = 64 * 1_048_576;

    /// <summary>Open connections; more are closed at once. Default 12,000.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 12_000;

    /// <summary>Requests being answered at the same time; more are answered 503. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsInFlightMax { get; set; } = 10_000;

    /// <summary>Longest line of a batch. Default 1 MiB.</summary>
    [Range(1_024, 16 * 1_048_576)]
    public int BatchLineBytesMax { get; set; } = 1_048_576;

    /// <summary>Orders of one batch on their way to the log; the stream is read no faster. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int BatchOrdersInFlightMax { get; set; } = 1_000;

    /// <summary>The same in bytes of JSON. Default 4 MiB; one order always fits.</summary>
    [Range(1_024, 256 * 1_048_576)]
    public int BatchBytesInFlightMax { get; set; } = 4 * 1_048_576;

    /// <summary>Batches at the same time; more are answered 503. Default 16.</summary>
    [Range(1, 10_000)]
    public int BatchStreamsMax { get; set; } = 16;

    /// <summary>Requests per second and client (each order of a batch is one); 0, the default, is no limit.</summary>
    [Range(0, 10_000_000)]
    public double RequestsPerSecondMax { get; set; }

    /// <summary>Requests that a client may send at once after a pause. Default 100; means nothing without <see cref="RequestsPerSecondMax"/>.</summary>
    [Range(1, 10_000_000)]
    public int RequestBurstMax { get; set; } = 100;

    /// <summary>Records waiting for Kafka; beyond, orders are answered 503 at once. Default 100,000.</summary>
    [Range(1, 10_000_000)]
    public int LogBufferRecordsMax { get; set; } = 100_000;

    /// <summary>The same in KiB. Default 64 MiB.</summary>
    [Range(1, 2_097_151)]
    public int LogBufferKbytesMax { get; set; } = 64 * 1_024;

    /// <summary>
    /// How long a record may wait for acks=all; then the order is answered 503. Default 5 s, 1 s to 60 s.
    /// A record that was never sent is dropped for good at that moment. One that was sent and not acknowledged in time may be in the log all the same:
    /// the answer then carries the order's id, and a retry with the same Idempotency-Key is the same order and is charged once.
    /// </summary>
    public TimeSpan AcceptTimeLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the status store may take. Default 1 s. Intake then goes on without it; reading is answered 503.</summary>
    public TimeSpan StatusTimeLimit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Orders with an Idempotency-Key that are remembered, so that another body is noticed before validation has recorded the first. Default 50,000.</summary>
    [Range(1, 10_000_000)]
    public int RecentOrdersMax { get; set; } = 50_000;

    /// <summary>Open server-sent event streams; more are answered 503. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int EventStreamsMax { get; set; } = 1_000;

    /// <summary>How often a watched order's status is asked for. Default 500 ms.</summary>
    public TimeSpan EventPollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Pause after which an event stream sends a comment, so that proxies keep it open. Default 15 s.</summary>
    public TimeSpan EventHeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the start waits for a schema registry that isn't up yet. Default 60 s.</summary>
    public TimeSpan RegistryWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Ready means that Kafka was reached within this time. Default 10 s.</summary>
    public TimeSpan ReadyAge { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>A key and what it allows. A client may have several keys, so that they can be exchanged one by one.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>Name of the client, 1 to 64 printable ASCII characters; it owns the orders it posts.</summary>
    public string Client { get; set; } = "";

    /// <summary>The key itself, at least 16 characters; or give <see cref="KeySha256"/>.</summary>
    public string? Key { get; set; }

    /// <summary>SHA-256 of the key in hex, so that no configuration holds the key.</summary>
    public string? KeySha256 { get; set; }

    /// <summary><c>orders:write</c>, <c>orders:read</c> (its own orders), <c>operator</c> (everybody's).</summary>
    public IList<string> Scopes { get; set; } = [];
}

/// <summary>The gateway can't start with these settings; the message says which and what to do.</summary>
public sealed class GatewayOptionsException(string message) : Exception(message);
