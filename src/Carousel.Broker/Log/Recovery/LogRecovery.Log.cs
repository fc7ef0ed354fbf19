using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Log;

internal sealed partial class LogRecovery
{
    [LoggerMessage(3000, LogLevel.Warning, "{File}: cut at byte {Position}, offset {Offset}: {Reason}. Nothing from there on had been acknowledged; {Bytes} bytes and {Segments} later segments are dropped")]
    private static partial void LogTornTail(ILogger logger, string file, long position, long offset, string reason, long bytes, int segments);

    [LoggerMessage(3001, LogLevel.Information, "{Directory}: scanned {Bytes} bytes after a crash, up to offset {EndOffset}")]
    private static partial void LogScanned(ILogger logger, string directory, long bytes, long endOffset);

    [LoggerMessage(3002, LogLevel.Warning, "{Segment}: the indexes can't be used, and are made anew")]
    private static partial void LogIndexRebuilt(ILogger logger, string segment);
}
