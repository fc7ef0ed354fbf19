using System.ComponentModel.DataAnnotations;

namespace Carousel.Kafka;

/// <summary>How to reach the cluster.</summary>
public sealed class KafkaOptions
{
    /// <summary><c>host:port</c>, several separated by commas.</summary>
    [Required]
    public string BootstrapServers { get; set; } = "";

    /// <summary>
    /// Further librdkafka properties for every client, such as <c>security.protocol</c> and <c>sasl.*</c>. Those that exactly-once rests on can't be set.
    /// </summary>
    public IDictionary<string, string> Properties { get; set; } = new Dictionary<string, string>();
}
