using System.ComponentModel.DataAnnotations;

namespace Carousel.Monitor.Audit;

public sealed class KafkaAuditLogOptions
{
    /// <summary>
    /// How long a partition may deliver nothing below its end before the audit gives up. Default 60 s: longer than a dead producer's transaction
    /// (10 s) can hold readers back, and than a broker takes to come back.
    /// </summary>
    public TimeSpan StallMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a question about offsets may take. Default 20 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Records handed on at once, at most.</summary>
    [Range(1, 100_000)]
    public int BatchRecordsMax { get; set; } = 1_000;
}
