using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>A batch by its header: where it lies in its segment's file, and which offsets it holds.</summary>
internal readonly record struct BatchPlace(int Position, int Size, long BaseOffset, long LastOffset, long MaxTimestamp);

/// <summary>
/// Walks the headers of batches that were checked before, to find one: it reads a little at a time and skips what is between. Records aren't looked at.
/// </summary>
internal ref struct BatchWalk(IFile file, int position, int end, Span<byte> buffer)
{
    /// <summary>Bytes that one step reads; enough for the batches between two index entries.</summary>
    public const int BufferSize = 4096;

    private readonly Span<byte> _buffer = buffer;
    private int _next = position;
    private int _bufferStart = position;
    private int _bufferLength;

    public BatchPlace Current { get; private set; }

    /// <summary>Moves to the next batch; false at the end.</summary>
    /// <exception cref="LogCorruptException">The bytes aren't a batch: they changed since they were checked.</exception>
    public bool Read()
    {
        if (_next >= end)
        {
            return false;
        }

        int at = _next - _bufferStart;
        if (at + RecordBatchHeader.Size > _bufferLength)
        {
            _bufferStart = _next;
            _bufferLength = file.Read(_buffer[..Math.Min(_buffer.Length, end - _next)], _next);
            at = 0;
        }

        if (_bufferLength - at < RecordBatchHeader.Size)
        {
            throw new LogCorruptException(file.Path, _next, $"the file ends {_bufferLength - at} bytes after the last whole record batch");
        }

        var header = new RecordBatchHeader(_buffer[at..]);
        if (BatchReader.ProblemOf(header, end - _next, offsetMin: 0) is { } problem)
        {
            throw new LogCorruptException(file.Path, _next, problem);
        }

        Current = new(_next, (int)header.SizeInBytes, header.BaseOffset, header.LastOffset, header.MaxTimestamp);
        _next += Current.Size;
        return true;
    }
}
