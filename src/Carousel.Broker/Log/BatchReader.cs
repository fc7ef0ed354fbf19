using System.Buffers;
using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// Reads the batches of a segment's file one after another and checks each: header, checksum, offsets that only grow. It ends at the end of the range, or
/// with a <see cref="Problem"/> at the first batch that isn't sound. Its buffer is used again: a batch is valid until the next read.
/// </summary>
internal sealed class BatchReader(IFile file, int position, int end, long offsetMin) : IDisposable
{
    private const int BufferSize = 256 << 10;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _bufferStart = position;
    private int _bufferLength;
    private int _batchSize;
    private long _offsetMin = offsetMin;

    /// <summary>Where the batch begins; after the end or a problem, where the next one would.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Why the batch at <see cref="Position"/> isn't one; null while all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>The least offset that the next batch may have.</summary>
    public long NextOffset => _offsetMin;

    public ReadOnlySpan<byte> Batch => _buffer.AsSpan(Position - _bufferStart, _batchSize);

    public RecordBatchHeader Header => new(Batch);

    /// <summary>Moves to the next batch. False at the end, and at a problem.</summary>
    public bool Read()
    {
        Position += _batchSize;
        _batchSize = 0;
        if (Problem is not null || Position >= end)
        {
            return false;
        }

        Problem = ReadBatch();
        return Problem is null;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>What is wrong with a header that should stand here, judging it alone; null if nothing.</summary>
    public static string? ProblemOf(RecordBatchHeader header, int bytesLeft, long offsetMin)
    {
        if (header.BatchLength == 0 && header.BaseOffset == 0)
        {
            return "zero bytes stand where a record batch should begin";
        }

        if (header.BatchLength < RecordBatchHeader.Size - RecordBatchHeader.LengthPrefixSize)
        {
            return $"a record batch says that it has {header.SizeInBytes} bytes, fewer than its own header";
        }

        if (header.SizeInBytes > bytesLeft)
        {
            return $"a record batch says that it has {header.SizeInBytes} bytes, and {bytesLeft} are left";
        }

        if (header.Magic != RecordBatch.Magic)
        {
            return $"a record batch has format {header.Magic}, and only {RecordBatch.Magic} exists here";
        }

        if (header.LastOffsetDelta < 0 || header.RecordCount < 0)
        {
            return $"a record batch counts {header.RecordCount} records with last offset delta {header.LastOffsetDelta}";
        }

        return header.BaseOffset < offsetMin
            ? $"a record batch begins with offset {header.BaseOffset}, and {offsetMin} or more is due"
            : null;
    }

    private string? ReadBatch()
    {
        int left = end - Position;
        if (left < RecordBatchHeader.Size || !Fill(RecordBatchHeader.Size))
        {
            return $"the file ends {left} bytes after the last whole record batch";
        }

        var header = new RecordBatchHeader(_buffer.AsSpan(Position - _bufferStart));
        if (ProblemOf(header, left, _offsetMin) is { } problem)
        {
            return problem;
        }

        int size = (int)header.SizeInBytes;
        if (!Fill(size))
        {
            return $"the file ends within a record batch of {size} bytes";
        }

        ReadOnlySpan<byte> batch = _buffer.AsSpan(Position - _bufferStart, size);
        if (!RecordBatch.HasValidChecksum(batch))
        {
            return "a record batch's checksum doesn't match its bytes";
        }

        _batchSize = size;
        _offsetMin = new RecordBatchHeader(batch).NextOffset;
        return null;
    }

    /// <summary>Sees to it that the buffer has this many bytes from the position on.</summary>
    private bool Fill(int size)
    {
        int kept = _bufferStart + _bufferLength - Position;
        if (kept >= size)
        {
            return true;
        }

        byte[] buffer = _buffer.Length >= size ? _buffer : ArrayPool<byte>.Shared.Rent(size);
        kept = Math.Max(kept, 0);
        _buffer.AsSpan(Position - _bufferStart, kept).CopyTo(buffer);
        if (buffer != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = buffer;
        }

        int wanted = Math.Min(buffer.Length, end - Position) - kept;
        _bufferLength = kept + file.Read(buffer.AsSpan(kept, wanted), (long)Position + kept);
        _bufferStart = Position;
        return _bufferLength >= size;
    }
}
