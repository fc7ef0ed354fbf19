namespace Carousel.Gateway;

internal sealed partial class SchemaRegistration
{
    [LoggerMessage(2041, LogLevel.Warning, "The schema registry isn't there yet, trying again for up to {WaitSeconds} s: {Message}")]
    private partial void LogWaiting(string message, double waitSeconds);
}
