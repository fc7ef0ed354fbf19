using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>Reads batches of one segment into a pooled buffer and checks them on the way: a byte that changed on disk never reaches a consumer.</summary>
internal static class SegmentRead
{
    /// <param name="place">The first batch to return.</param>
    /// <param name="upperBound">Batches from this offset on aren't returned.</param>
    /// <exception cref="LogCorruptException">The first batch isn't what was written.</exception>
    public static LogRead Read(LogSegment segment, BatchPlace place, long upperBound, int bytesMax, bool minOneBatch)
    {
        int wanted = minOneBatch ? Math.Max(bytesMax, place.Size) : bytesMax;
        wanted = Math.Min(wanted, segment.Size - place.Position);
        if (wanted < place.Size)
        {
            return default;
        }

        PooledBytes buffer = PooledBytes.Rent(wanted);
        try
        {
            int read = segment.LogFile.Read(buffer.Bytes.Span, place.Position);
            int length = LengthOfBatches(buffer.Bytes.Span[..read], segment, place, upperBound, out long nextOffset);
            return new(buffer.TakeFirst(length), nextOffset);
        }
        finally
        {
            buffer.Dispose();
        }
    }

    private static int LengthOfBatches(ReadOnlySpan<byte> bytes, LogSegment segment, BatchPlace place, long upperBound, out long nextOffset)
    {
        int length = 0;
        nextOffset = place.BaseOffset;
        while (nextOffset < upperBound && bytes.Length - length >= RecordBatchHeader.Size)
        {
            var header = new RecordBatchHeader(bytes[length..]);
            if (header.BaseOffset >= upperBound)
            {
                break;
            }

            // The header is judged against the whole file, so that the last batch in the buffer may be a part.
            string? problem = BatchReader.ProblemOf(header, segment.Size - place.Position - length, nextOffset);
            if (problem is null && header.SizeInBytes > bytes.Length - length)
            {
                break;
            }

            int size = (int)header.SizeInBytes;
            if (problem is null && !RecordBatch.HasValidChecksum(bytes.Slice(length, size)))
            {
                problem = "a record batch's checksum doesn't match its bytes";
            }

            if (problem is not null)
            {
                // What comes before is sound and is returned; the next read begins here and says so.
                return length > 0 ? length : throw new LogCorruptException(segment.LogPath, place.Position, problem);
            }

            length += size;
            nextOffset = header.NextOffset;
        }

        return length;
    }
}
