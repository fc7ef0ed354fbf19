using System.ComponentModel.DataAnnotations;

namespace Carousel.Fulfillment.Payments;

public sealed class PaymentGatewayOptions
{
    /// <summary>The provider. http means HTTP/2 without TLS by prior knowledge. Default http://127.0.0.1:7080.</summary>
    [Required]
    public Uri Endpoint { get; set; } = new("http://127.0.0.1:7080");

    /// <summary>How long one call may take before its outcome counts as unknown. Default 10 s, 100 ms to 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long connecting may take; nothing was sent then. Default 3 s, 100 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>A quiet connection is pinged this often, and dropped when no answer comes for as long. Default 10 s, 1 s to 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(10);
}
