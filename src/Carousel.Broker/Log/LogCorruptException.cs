namespace Carousel.Broker.Log;

/// <summary>A file of a partition holds what can't be right. The partition is taken out of service; nothing is repaired by guessing.</summary>
/// <param name="position">Byte of the file; -1 where it concerns the file as a whole.</param>
internal sealed class LogCorruptException(string file, long position, string reason)
    : Exception(position < 0 ? $"{file}: {reason}" : $"{file} at byte {position}: {reason}")
{
    public string File { get; } = file;

    public long Position { get; } = position;

    public string Reason { get; } = reason;
}
