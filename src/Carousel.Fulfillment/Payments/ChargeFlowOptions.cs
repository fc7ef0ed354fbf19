using System.ComponentModel.DataAnnotations;

namespace Carousel.Fulfillment.Payments;

/// <summary>Bounds of <see cref="ChargeFlow"/>.</summary>
public sealed class ChargeFlowOptions
{
    /// <summary>Charge calls per order before it is looked up one last time and parked. Default 10, 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int AttemptsMax { get; set; } = 10;

    /// <summary>From the attempt after this one on, each begins with a lookup. Default 3, 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int AttemptsBeforeLookUp { get; set; } = 3;

    /// <summary>Upper end of the first wait; it doubles with each attempt. Default 200 ms, 1 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan BackoffBase { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>No wait of ours is longer; the provider's Retry-After may be, up to <see cref="RetryAfterMax"/>. Default 30 s, to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A longer Retry-After is cut to this. Default 5 min, 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfterMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one attempt waits, in sum, while the first call under its key is still running (409). Default 15 s, to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan InProgressWaitMax { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the provider remembers a key: afterwards the same key is a new charge. Default 24 h (Stripe), 1 min to 60 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "60.00:00:00")]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Taken off the lifetime, for clocks and calls on their way. Default 2 h; must be below <see cref="KeyLifetime"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan KeyLifetimeMargin { get; set; } = TimeSpan.FromHours(2);

    /// <summary>An order older than this is parked even when the provider can't be asked. Default 7 days, 1 min to 90 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan AgeMax { get; set; } = TimeSpan.FromDays(7);
}
