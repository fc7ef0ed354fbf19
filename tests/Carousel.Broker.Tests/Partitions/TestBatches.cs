using System.Text;
using Carousel.Broker.Log;
using Carousel.Wire.Records;

namespace Carousel.Broker.Tests.Partitions;

/// <summary>Batches as producers send them, and what consumers make of those they get.</summary>
internal static class TestBatches
{
    /// <summary>2023-11-14, in milliseconds: where the tests' clocks begin.</summary>
    public const long Time = 1_700_000_000_000;

    public static byte[] Plain(params string[] values) => Fill(new RecordBatchBuilder(Time), values);

    public static byte[] At(long timestamp, params string[] values) => Fill(new RecordBatchBuilder(timestamp), values);

    public static byte[] Idempotent(long producerId, short epoch, int sequence, params string[] values) =>
        Fill(new RecordBatchBuilder(Time) { ProducerId = producerId, ProducerEpoch = epoch, BaseSequence = sequence }, values);

    public static byte[] Transactional(long producerId, short epoch, int sequence, params string[] values) => Fill(
        new RecordBatchBuilder(Time)
        {
            ProducerId = producerId,
            ProducerEpoch = epoch,
            BaseSequence = sequence,
            Attributes = RecordBatchAttributes.Transactional,
        },
        values);

    /// <summary>One record; a null value is a tombstone.</summary>
    public static byte[] Keyed(string key, string? value, long timestamp = Time) =>
        new RecordBatchBuilder(timestamp).Add(Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value)).Build();

    /// <summary>Does what a consumer does: skips control records, those before its offset, and those of aborted transactions.</summary>
    public static void Visit(ReadOnlySpan<byte> batches, IReadOnlyList<AbortedTransaction> aborted, long fetchOffset, List<(long Offset, string Value)> values)
    {
        var pending = new Queue<AbortedTransaction>(aborted.OrderBy(transaction => transaction.FirstOffset));
        var open = new HashSet<long>();
        while (!batches.IsEmpty)
        {
            var header = new RecordBatchHeader(batches);
            ReadOnlySpan<byte> batch = batches[..(int)header.SizeInBytes];
            batches = batches[batch.Length..];
            Assert.True(RecordBatch.HasValidChecksum(batch));
            while (pending.TryPeek(out AbortedTransaction next) && next.FirstOffset <= header.LastOffset)
            {
                open.Add(pending.Dequeue().ProducerId);
            }

            if (header.IsControl)
            {
                if (ControlRecord.TryRead(batch, out ControlRecord marker) && !marker.IsCommit)
                {
                    open.Remove(header.ProducerId);
                }
            }
            else if (!header.IsTransactional || !open.Contains(header.ProducerId))
            {
                RecordReader reader = RecordReader.OfUncompressed(batch);
                while (reader.Read())
                {
                    if (reader.Current.Offset >= fetchOffset)
                    {
                        values.Add((reader.Current.Offset, Encoding.UTF8.GetString(reader.Current.Value)));
                    }
                }

                Assert.Null(reader.Problem);
            }
        }
    }

    private static byte[] Fill(RecordBatchBuilder builder, string[] values)
    {
        foreach (string value in values)
        {
            builder.Add(null, Encoding.UTF8.GetBytes(value));
        }

        return builder.Build();
    }
}
