namespace Carousel.Cli;

/// <summary>One line that is written over on a terminal, and a plain line every few seconds elsewhere. To standard error. Thread-safe.</summary>
internal sealed class ProgressLine(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private long _lastPlain;
    private string? _pending;

    public void Show(string text)
    {
        lock (_lock)
        {
            if (_terminal)
            {
                Console.Error.Write($"\r\x1b[K{text}");
                _pending = text;
            }
            else if (_lastPlain == 0 || time.GetElapsedTime(_lastPlain) >= PlainInterval)
            {
                _lastPlain = time.GetTimestamp();
                Console.Error.WriteLine(text);
                _pending = null;
            }
            else
            {
                _pending = text;
            }
        }
    }

    /// <summary>Leaves the last text standing.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_pending is not null)
            {
                Console.Error.WriteLine(_terminal ? "" : _pending);
                _pending = null;
            }
        }
    }
}
