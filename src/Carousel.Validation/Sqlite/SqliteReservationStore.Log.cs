using Microsoft.Extensions.Logging;

namespace Carousel.Validation.Sqlite;

internal sealed partial class SqliteReservationStore
{
    [LoggerMessage(4001, LogLevel.Warning, "The connection to {Path} couldn't be closed cleanly and was abandoned: {Problem}")]
    private static partial void LogCloseFailed(ILogger logger, string path, string problem);
}
