using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Hosting;

/// <summary>
/// One line for each closed connection that says why, but only so many a second: a client gone wild must not fill the disk with its log. What is left out
/// is counted in the next line.
/// </summary>
internal sealed partial class CloseLog(ILogger logger, TimeProvider time)
{
    private const int LinesPerSecondMax = 20;
    private readonly Lock _lock = new();
    private long _second = time.GetTimestamp();
    private int _lines;
    private int _leftOut;

    public void Closed(string remote, CloseReason reason)
    {
        LogLevel level = reason.Cause switch
        {
            CloseCause.ClientLeft or CloseCause.Stopping => LogLevel.Debug,
            CloseCause.ClientBroke or CloseCause.Idle => LogLevel.Information,
            _ => LogLevel.Warning,
        };
        if (!logger.IsEnabled(level) || !TryTakeLine(out int leftOut))
        {
            return;
        }

        if (leftOut > 0)
        {
            LogLeftOut(logger, leftOut);
        }

        LogClosed(logger, level, remote, reason.Text);
    }

    [LoggerMessage(EventId = 8111, Message = "Connection from {Remote} is closed: {Reason}.")]
    private static partial void LogClosed(ILogger logger, LogLevel level, string remote, string reason);

    [LoggerMessage(8112, LogLevel.Warning, "{Connections} more connections were closed, too many to say why of each.")]
    private static partial void LogLeftOut(ILogger logger, int connections);

    private bool TryTakeLine(out int leftOut)
    {
        lock (_lock)
        {
            leftOut = 0;
            if (time.GetElapsedTime(_second) >= TimeSpan.FromSeconds(1))
            {
                (_second, _lines) = (time.GetTimestamp(), 0);
            }

            if (_lines >= LinesPerSecondMax)
            {
                _leftOut++;
                return false;
            }

            _lines++;
            (leftOut, _leftOut) = (_leftOut, 0);
            return true;
        }
    }
}
