using System.Text;
using Carousel.Wire.Records;

namespace Carousel.Wire.Tests.Records;

public sealed class RecordBatchTests
{
    /// <summary>What Kafka 4.2's own client writes for three records of producer 4242, epoch 7, sequence 100, in a transaction.</summary>
    private const string ThreeRecords =
        "00000000000000000000005a000000000216e84dd80010000000020000018bcfe568000000018bcfe568050000000000001092000700000064000000032c0000" +
        "00046b310e76616c75652d310402680278026e0110000a02010476320010000604046b330100";

    private const long Time = 1_700_000_000_000;

    [Fact]
    public void A_batch_has_the_bytes_that_Kafka_writes()
    {
        byte[] batch = new RecordBatchBuilder(Time) { ProducerId = 4242, ProducerEpoch = 7, BaseSequence = 100, Attributes = RecordBatchAttributes.Transactional }
            .Add("k1"u8.ToArray(), "value-1"u8.ToArray(), headers: [new("h", "x"u8.ToArray()), new("n", null)])
            .Add(null, "v2"u8.ToArray(), Time + 5)
            .Add("k3"u8.ToArray(), null, Time + 3)
            .Build();
        Assert.Equal(ThreeRecords, Convert.ToHexStringLower(batch));
    }

    [Fact]
    public void A_header_is_read_field_by_field()
    {
        byte[] batch = Convert.FromHexString(ThreeRecords);
        RecordBatch.SetPlace(batch, 1234, 9);
        var header = new RecordBatchHeader(batch);
        Assert.Equal((1234L, 1236L, 1237L, 9), (header.BaseOffset, header.LastOffset, header.NextOffset, header.PartitionLeaderEpoch));
        Assert.Equal(((long)batch.Length, 0x16e84dd8u), (header.SizeInBytes, header.Crc));
        Assert.Equal(2, header.Magic);
        Assert.Equal((Time, Time + 5, 3, 2), (header.BaseTimestamp, header.MaxTimestamp, header.RecordCount, header.LastOffsetDelta));
        Assert.Equal((4242L, (short)7, 100, 102), (header.ProducerId, header.ProducerEpoch, header.BaseSequence, header.LastSequence));
        Assert.Equal((true, false, false), (header.IsTransactional, header.IsControl, header.IsLogAppendTime));
        Assert.Equal(CompressionType.None, header.Compression);
        Assert.True(RecordBatch.Validate(batch, batch.Length).IsValid, "its place isn't part of the checksum");
    }

    [Fact]
    public void A_sequence_starts_again_at_zero_after_the_largest()
    {
        byte[] batch = new RecordBatchBuilder(Time) { ProducerId = 1, ProducerEpoch = 0, BaseSequence = int.MaxValue - 1 }
            .Add(null, [1]).Add(null, [2]).Add(null, [3]).Build();
        Assert.Equal(0, new RecordBatchHeader(batch).LastSequence);
    }

    [Fact]
    public void Records_are_read_with_keys_values_headers_and_times()
    {
        RecordReader reader = RecordReader.OfUncompressed(Convert.FromHexString(ThreeRecords));
        Assert.True(reader.Read());
        Assert.Equal(("k1", "value-1", Time, 0L), (Encoding.UTF8.GetString(reader.Current.Key), Encoding.UTF8.GetString(reader.Current.Value), reader.Current.Timestamp, reader.Current.Offset));
        Assert.Equal(["h", "n"], reader.Current.ReadHeaders().Select(header => header.Key));
        Assert.Equal("x"u8.ToArray(), reader.Current.ReadHeaders()[0].Value);
        Assert.Null(reader.Current.ReadHeaders()[1].Value);
        Assert.True(reader.Read());
        Assert.Equal((false, true, Time + 5), (reader.Current.HasKey, reader.Current.HasValue, reader.Current.Timestamp));
        Assert.True(reader.Read());
        Assert.Equal((true, false, Time + 3), (reader.Current.HasKey, reader.Current.HasValue, reader.Current.Timestamp));
        Assert.False(reader.Read());
        Assert.Null(reader.Problem);
    }

    [Fact]
    public void The_append_time_replaces_all_times_and_the_checksum()
    {
        byte[] batch = Convert.FromHexString(ThreeRecords);
        RecordBatch.SetLogAppendTime(batch, Time + 1000);
        Assert.True(RecordBatch.Validate(batch, int.MaxValue).IsValid);
        RecordReader reader = RecordReader.OfUncompressed(batch);
        while (reader.Read())
        {
            Assert.Equal(Time + 1000, reader.Current.Timestamp);
        }
    }

    [Theory]
    [InlineData(true, "0000000000000037000000420000000002594518600030000000000000018bcfe568000000018bcfe5680000000000000010920007ffffffff000000012000000008000000010c00000000000300")]
    [InlineData(false, "0000000000000037000000420000000002ad7bce280030000000000000018bcfe568000000018bcfe5680000000000000010920007ffffffff000000012000000008000000000c00000000000300")]
    public void A_marker_has_the_78_bytes_that_Kafka_writes(bool isCommit, string bytes)
    {
        byte[] batch = new ControlRecord(isCommit, CoordinatorEpoch: 3).BuildBatch(4242, 7, Time);
        RecordBatch.SetPlace(batch, 55, 0);
        Assert.Equal(bytes, Convert.ToHexStringLower(batch));
        Assert.True(ControlRecord.TryRead(batch, out ControlRecord marker));
        Assert.Equal(new ControlRecord(isCommit, 3), marker);
        Assert.Equal(78, batch.Length);
    }

    [Fact]
    public void A_control_batch_without_its_record_is_no_marker()
    {
        byte[] batch = new RecordBatchBuilder(Time) { ProducerId = 1, ProducerEpoch = 0, Attributes = RecordBatchAttributes.Control, LastOffsetDelta = 0 }.Build();
        Assert.False(ControlRecord.TryRead(batch, out _));
    }
}
