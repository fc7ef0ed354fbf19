using System.ComponentModel.DataAnnotations;

namespace Carousel.Registry.Client;

/// <summary>Settings of the client. With the defaults an unanswered question fails after about 7 s.</summary>
public sealed class RegistryClientOptions
{
    /// <summary>Address of the registry; a path is kept, for registries behind a gateway.</summary>
    [Required]
    public string Url { get; set; } = "http://127.0.0.1:8081";

    /// <summary>"user:password" for a registry with basic authentication; none by default. Never logged.</summary>
    [RegularExpression("^[^:]+:.*$", ErrorMessage = "BasicAuth must be user:password.")]
    public string? BasicAuth { get; set; }

    /// <summary>How long one attempt may take. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts for one question, the first included. Default 3.</summary>
    [Range(1, 20)]
    public int AttemptsMax { get; set; } = 3;

    /// <summary>Pause before the second attempt; it doubles, and half of each is random. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long "no schema has this id" is believed. Short, because the id may be given any moment. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan UnknownIdLifetime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many unknown ids are remembered at once; the oldest goes first. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int UnknownIdsMax { get; set; } = 10_000;

    /// <summary>Requests at the same time; more wait. Default 8.</summary>
    [Range(1, 1_000)]
    public int RequestsMax { get; set; } = 8;

    /// <exception cref="ValidationException">A setting is out of range; the message says which and what it may be.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new ValidationException("The registry's Url isn't an http or https address; give one such as http://127.0.0.1:8081.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new ValidationException("The registry's Url must not hold a user or password, which would end up in logs; set BasicAuth instead.");
        }
    }
}
