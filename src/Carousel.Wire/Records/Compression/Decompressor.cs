using System.IO.Compression;

namespace Carousel.Wire.Records.Compression;

/// <summary>
/// Decompresses the records of a batch. Only what must look into records needs it (compaction, lookup by time, checks of keys): batches are stored and sent
/// as they came. A hostile batch ends in false, never in an exception or in more than the given memory.
/// </summary>
public static class Decompressor
{
    /// <param name="batch">A whole batch, validated.</param>
    /// <param name="bytesMax">The most bytes that the records may have.</param>
    /// <param name="records">The records; where they aren't compressed, a part of <paramref name="batch"/>.</param>
    /// <param name="problem">Why it failed, for people; null on success.</param>
    public static bool TryDecompress(ReadOnlySpan<byte> batch, int bytesMax, out ReadOnlySpan<byte> records, out string? problem)
    {
        CompressionType type = new RecordBatchHeader(batch).Compression;
        ReadOnlySpan<byte> compressed = batch[RecordBatchHeader.Size..];
        if (type == CompressionType.None)
        {
            records = compressed;
            problem = null;
            return true;
        }

        var output = new DecompressedBytes(bytesMax);
        bool isSound = type switch
        {
            CompressionType.Gzip => TryGunzip(compressed, output),
            CompressionType.Snappy => SnappyDecoder.TryDecode(compressed, output),
            CompressionType.Lz4 => Lz4Decoder.TryDecode(compressed, output),
            CompressionType.Zstd => ZstdDecoder.TryDecode(compressed, output),
            _ => false,
        };
        records = output.Written;
        problem = isSound ? null : output.IsFull ? $"the records have more than {bytesMax} bytes" : $"the bytes aren't {type} data";
        return isSound;
    }

    private static bool TryGunzip(ReadOnlySpan<byte> compressed, DecompressedBytes output)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            Span<byte> chunk = stackalloc byte[4096];
            int read;
            while ((read = gzip.Read(chunk)) > 0)
            {
                if (!output.TryWrite(chunk[..read]))
                {
                    return false;
                }
            }

            return true;
        }
        catch (InvalidDataException)
        {
            // How the stream says that it isn't one; the caller gets it as false.
            return false;
        }
    }
}
