using System.ComponentModel.DataAnnotations;
using Carousel.Kafka;

namespace Carousel.Registry.Server;

/// <summary>Settings of the registry server. The defaults serve one machine: Kafka and the API on loopback.</summary>
public sealed class RegistryOptions
{
    /// <summary>The cluster that holds the topic.</summary>
    [Required]
    public KafkaOptions Kafka { get; set; } = new() { BootstrapServers = "127.0.0.1:9092" };

    /// <summary>The cluster's address, for messages.</summary>
    internal string BootstrapServers => Kafka.BootstrapServers;

    /// <summary>The compacted topic that holds everything; created with one partition if missing. Confluent's name by default.</summary>
    [Required]
    [RegularExpression("^[a-zA-Z0-9._-]{1,249}$", ErrorMessage = "Topic must be 1 to 249 letters, digits, dots, underscores or hyphens.")]
    public string Topic { get; set; } = "_schemas";

    /// <summary>Replicas of a topic that is created: 1 on one broker, 3 on a cluster.</summary>
    [Range(1, 32767)]
    public short ReplicationFactor { get; set; } = 1;

    /// <summary>Where the API listens. Port 0 takes a free one.</summary>
    [Required]
    public string ListenUrl { get; set; } = "http://127.0.0.1:8081";

    /// <summary>The API has no authentication, so an address that other machines reach is refused unless this is set.</summary>
    public bool AllowRemote { get; set; }

    /// <summary>How long to wait at start for Kafka and for everything in the topic to be read; then the server stops with an error. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StartupTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a write may take before it is answered with 50001 or 50002. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Writes that may wait for their turn; further ones are answered with 50001 at once. Default 256.</summary>
    [Range(1, 10_000)]
    public int WritesQueuedMax { get; set; } = 256;

    /// <summary>Largest request body, below Kafka's own limit of 1 MiB for a record. Default 900 KB.</summary>
    [Range(1_000, 10_000_000)]
    public int RequestBytesMax { get; set; } = 900_000;

    /// <exception cref="ValidationException">A setting is out of range; the message says which and what it may be.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (!Uri.TryCreate(ListenUrl, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
        {
            throw new ValidationException($"ListenUrl '{ListenUrl}' isn't an http address; give one such as http://127.0.0.1:8081.");
        }

        if (!url.IsLoopback && !AllowRemote)
        {
            throw new ValidationException(
                $"ListenUrl '{ListenUrl}' can be reached from other machines, and the registry has no authentication; use 127.0.0.1, or set AllowRemote.");
        }
    }
}
