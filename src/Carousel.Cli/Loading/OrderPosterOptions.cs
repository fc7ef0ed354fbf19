using System.ComponentModel.DataAnnotations;

namespace Carousel.Cli.Loading;

/// <summary>How orders are posted to the gateway.</summary>
internal sealed class OrderPosterOptions
{
    /// <summary>The gateway, such as <c>http://127.0.0.1:8080</c>.</summary>
    [Required]
    public Uri? Gateway { get; set; }

    /// <summary>Sent as <c>Authorization: Bearer</c>; null where the gateway has no keys.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Requests under way at once, at most. Batches want few: the gateway takes 16 streams at a time unless told otherwise.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 64;

    /// <summary>Orders per second, each at its planned time however slow the answers are; null posts as fast as the gateway takes them.</summary>
    [Range(0.001, 10_000_000)]
    public double? RatePerSecond { get; set; }

    /// <summary>Orders in one <c>POST /orders/batch</c>, at most; 0 posts them one by one.</summary>
    [Range(0, 10_000)]
    public int BatchSize { get; set; }

    /// <summary>1.1, or 2.0 where the gateway speaks HTTP/2 without TLS or the address is https.</summary>
    public Version HttpVersion { get; set; } = System.Net.HttpVersion.Version11;

    /// <summary>How long one request may take before it is tried again.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an order is tried again before it is given up, counted from its first attempt.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Upper bound of the wait between two attempts, whatever Retry-After says. The first wait is at most a tenth of a second.</summary>
    public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often progress is reported.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Keeps the id that each Idempotency-Key got, about 50 bytes an order.</summary>
    public bool KeepOrderIds { get; set; }
}
