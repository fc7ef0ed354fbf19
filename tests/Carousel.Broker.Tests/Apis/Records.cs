using Carousel.Wire.Records;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Record batches as clients send them.</summary>
internal static class Records
{
    /// <summary>Old records would be deleted, and roll the segment before a marker of today.</summary>
    private static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A batch with these values, all of the same time.</summary>
    public static byte[] Batch(long timestamp, params string[] values) => Of(new RecordBatchBuilder(timestamp), values);

    public static byte[] Batch(params string[] values) => Batch(Now, values);

    public static byte[] Transactional(long producerId, short epoch, int sequence, params string[] values) => Of(
        new RecordBatchBuilder(Now)
        {
            ProducerId = producerId,
            ProducerEpoch = epoch,
            BaseSequence = sequence,
            Attributes = RecordBatchAttributes.Transactional,
        },
        values);

    /// <summary>The values of all records in the batches, control batches as <c>commit</c> and <c>abort</c>.</summary>
    public static IReadOnlyList<string> Values(ReadOnlyMemory<byte> batches)
    {
        var values = new List<string>();
        while (!batches.IsEmpty)
        {
            int size = (int)new RecordBatchHeader(batches.Span).SizeInBytes;
            RecordReader reader = RecordReader.OfUncompressed(batches.Span[..size]);
            bool isControl = new RecordBatchHeader(batches.Span).IsControl;
            while (reader.Read())
            {
                values.Add(isControl ? (reader.Current.Key[3] == 1 ? "commit" : "abort") : System.Text.Encoding.UTF8.GetString(reader.Current.Value));
            }

            Assert.Null(reader.Problem);
            batches = batches[size..];
        }

        return values;
    }

    private static byte[] Of(RecordBatchBuilder builder, string[] values)
    {
        foreach (string value in values)
        {
            builder.Add(null, System.Text.Encoding.UTF8.GetBytes(value));
        }

        return builder.Build();
    }
}
