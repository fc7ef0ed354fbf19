using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Log;

/// <summary>What every log of a data directory shares.</summary>
internal sealed record LogContext(IFileSystem Files, TimeProvider Time, ILogger Logger, FlushMode FlushMode)
{
    /// <summary>The broker's time in milliseconds since 1970.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
