namespace Carousel.Conformance.Tests.Debian;

/// <summary>
/// The codec that a batch is stored with. librdkafka 2.0.2 sends uncompressed batches without a word where a broker doesn't advertise version 0 of
/// Produce (KAFKA-18659), so only the stored bytes tell whether compression reached the broker.
/// </summary>
internal static class BatchCodec
{
    private static readonly string[] Names = ["none", "gzip", "snappy", "lz4", "zstd"];

    /// <summary>Low three bits of the attributes, at byte 21 of a batch (message format 2).</summary>
    public static string OfFirstBatch(string partitionFolder)
    {
        // A broker that writes to the file at this moment mustn't keep the test from reading it.
        using var segment = new FileStream(Directory.GetFiles(partitionFolder, "*.log").Order().First(), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] head = new byte[23];
        segment.ReadExactly(head);
        return Names[head[22] & 7];
    }
}
