using System.Buffers.Binary;
using Carousel.Wire.Records;

namespace Carousel.Wire.Tests.Records;

public sealed class RecordBatchValidationTests
{
    private const int SizeMax = 1000;

    public static TheoryData<string, byte[], ErrorCode> Refused => new()
    {
        { "nothing", [], ErrorCode.InvalidRecord },
        { "half a header", Batch()[..40], ErrorCode.InvalidRecord },
        { "the end of the message format missing", Batch()[..16], ErrorCode.InvalidRecord },
        { "a byte missing", Batch()[..^1], ErrorCode.InvalidRecord },
        { "a length below the header's", WithInt(8, 20)[..32], ErrorCode.CorruptMessage },
        { "two batches", [.. Batch(), .. Batch()], ErrorCode.InvalidRecord },
        { "bytes after it", [.. Batch(), 0], ErrorCode.InvalidRecord },
        { "an old format", With(16, 1), ErrorCode.InvalidRecord },
        { "a format of the future", With(16, 3), ErrorCode.CorruptMessage },
        { "a wrong checksum", With(17, 0), ErrorCode.CorruptMessage },
        { "a length of two gigabytes", WithInt(8, int.MaxValue), ErrorCode.InvalidRecord },
        { "a negative length", WithInt(8, -1), ErrorCode.CorruptMessage },
        { "more bytes than allowed", new RecordBatchBuilder(0).Add(null, new byte[SizeMax]).Build(), ErrorCode.MessageTooLarge },
        { "no records", new RecordBatchBuilder(0).Build(), ErrorCode.InvalidRecord },
        { "a count that isn't the offsets'", new RecordBatchBuilder(0) { LastOffsetDelta = 4 }.Add(null, [1]).Build().Sealed(57, 9), ErrorCode.InvalidRecord },
        { "a control batch", new ControlRecord(true, 0).BuildBatch(1, 0, 0), ErrorCode.InvalidRecord },
        { "a producer without a sequence", new RecordBatchBuilder(0) { ProducerId = 5, ProducerEpoch = 0 }.Add(null, [1]).Build(), ErrorCode.InvalidRecord },
        { "a producer without an epoch", new RecordBatchBuilder(0) { ProducerId = 5, BaseSequence = 0 }.Add(null, [1]).Build(), ErrorCode.InvalidRecord },
        { "a transaction of nobody", new RecordBatchBuilder(0) { Attributes = RecordBatchAttributes.Transactional }.Add(null, [1]).Build(), ErrorCode.InvalidRecord },
        { "an unknown compression", new RecordBatchBuilder(0) { Attributes = (RecordBatchAttributes)5 }.Add(null, [1]).Build(), ErrorCode.UnsupportedCompressionType },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_no_partition_takes_is_refused_with_a_reason(string what, byte[] bytes, ErrorCode error)
    {
        RecordBatchVerdict verdict = RecordBatch.Validate(bytes, SizeMax);
        Assert.True(verdict.Error == error, $"{what}: {verdict}");
        Assert.NotEmpty(verdict.Reason!);
    }

    [Fact]
    public void A_batch_with_any_bit_changed_or_any_end_missing_is_refused_and_never_throws()
    {
        byte[] batch = Batch();
        for (int position = 0; position < batch.Length; position++)
        {
            Assert.False(RecordBatch.Validate(batch.AsSpan(0, position), SizeMax).IsValid, $"cut at {position}");
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. batch];
                changed[position] ^= (byte)(1 << bit);

                // Base offset and leader epoch are the broker's to set; whatever the producer wrote there is overwritten.
                bool isBrokers = position is < 8 or (>= 12 and < 16);
                ErrorCode error = RecordBatch.Validate(changed, SizeMax).Error;
                Assert.True(isBrokers ? error == ErrorCode.None : error is ErrorCode.CorruptMessage or ErrorCode.InvalidRecord, $"byte {position}, bit {bit}: {error}");
            }
        }
    }

    [Fact]
    public void Records_with_any_byte_changed_are_walked_without_an_exception()
    {
        var random = new Random(17);
        for (int round = 0; round < 200_000; round++)
        {
            byte[] batch = Batch();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                batch[random.Next(RecordBatchHeader.Size, batch.Length)] = (byte)random.Next(256);
            }

            RecordReader reader = RecordReader.OfUncompressed(batch.AsSpan(0, random.Next(RecordBatchHeader.Size, batch.Length + 1)));
            int read = 0;
            while (reader.Read())
            {
                read++;
                _ = reader.Current.ReadHeaders();
            }

            Assert.True(read == 3 || reader.Problem is not null);
        }
    }

    private static byte[] Batch() => new RecordBatchBuilder(1_700_000_000_000) { ProducerId = 9, ProducerEpoch = 1, BaseSequence = 0 }
        .Add([1, 2], [3, 4, 5], headers: [new("header", [1]), new("none", null)])
        .Add(null, [6])
        .Add([7], null)
        .Build();

    private static byte[] With(int position, byte value)
    {
        byte[] batch = Batch();
        batch[position] = value;
        return batch;
    }

    private static byte[] WithInt(int position, int value)
    {
        byte[] batch = Batch();
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(position), value);
        return batch;
    }
}

internal static class BatchChanges
{
    /// <summary>Overwrites an int32 and renews the checksum.</summary>
    public static byte[] Sealed(this byte[] batch, int position, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(position), value);
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), Crc32C.Compute(batch.AsSpan(21)));
        return batch;
    }
}
