using Carousel.Broker.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions;

public sealed class TransactionRecordsTests
{
    /// <summary>The five records that Apache Kafka 4.2.0 wrote for one transaction of librdkafka 2.0.2, key and values as they are in its log.</summary>
    private const string KafkaKey = "0000 0007 7374 6167 652d 31";
    private const string KafkaEmpty =
        "0001 0000000000000000 0000 0000ea60 00 00 000001a212c4da3d ffffffffffffffff 00";

    private const string KafkaPrepareCommit =
        "0001 0000000000000000 0000 0000ea60 02 03 13 5f5f636f6e73756d65725f6f666673657473 02 00000000 00 07 6f7264657273 03 00000000 00000001 00"
        + "000001a212c4dece 000001a212c4dacc 00";

    private const string KafkaCompleteCommit =
        "0001 0000000000000000 0000 0000ea60 04 01 000001a212c4df13 000001a212c4dacc 00";

    private static readonly TransactionMetadata Ended = TransactionMetadata.New(0, 60_000, 0) with
    {
        ProducerEpoch = 0,
        PreviousProducerId = 0,
        StartTimestamp = 0x1a212c4dacc,
    };

    [Fact]
    public void Empty_is_written_as_Kafka_writes_it() => AssertWritten(
        KafkaEmpty,
        Ended with { StartTimestamp = -1, LastUpdateTimestamp = 0x1a212c4da3d });

    [Fact]
    public void PrepareCommit_is_written_as_Kafka_writes_it() => AssertWritten(
        KafkaPrepareCommit,
        Ended with
        {
            State = TransactionState.PrepareCommit,
            Partitions = [new("orders", 1), new("__consumer_offsets", 0), new("orders", 0)],
            LastUpdateTimestamp = 0x1a212c4dece,
        });

    [Fact]
    public void CompleteCommit_is_written_as_Kafka_writes_it() => AssertWritten(
        KafkaCompleteCommit,
        Ended with { State = TransactionState.CompleteCommit, LastUpdateTimestamp = 0x1a212c4df13 });

    /// <summary>Tags: 0 the producer id before, 1 the one after, 2 the client's transaction version; each id with its length.</summary>
    [Fact]
    public void An_end_that_ran_out_of_epochs_keeps_the_producer_ids_before_and_after() => AssertWritten(
        "0001 0000000000000007 7fff 0000ea60 03 01 0000000000000002 0000000000000001 03 00 08 0000000000000005 01 08 0000000000000009 02 02 0002",
        Ended with
        {
            ProducerId = 7,
            PreviousProducerId = 5,
            NextProducerId = 9,
            ProducerEpoch = short.MaxValue,
            State = TransactionState.PrepareAbort,
            ClientVersion = TransactionVersion.EpochBump,
            StartTimestamp = 1,
            LastUpdateTimestamp = 2,
        });

    [Fact]
    public void A_tombstone_has_the_same_key()
    {
        StateRecord record = TransactionRecords.Tombstone("stage-1");
        Assert.Equal(Bytes(KafkaKey), record.Key);
        Assert.Null(record.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0002")]
    [InlineData("0001 00000000")]
    [InlineData("0001 0000000000000000 0000 0000ea60 06 01 0000000000000000 0000000000000000 00")]
    public void A_value_that_no_coordinator_wrote_is_refused(string value) =>
        Assert.Throws<WireFormatException>(() => TransactionRecords.ReadValue(Bytes(value)));

    [Theory]
    [InlineData("0001 0007 7374 6167 652d 31")]
    [InlineData("0000 0008 7374 6167 652d 31")]
    public void A_key_that_no_coordinator_wrote_is_refused(string key) =>
        Assert.Throws<WireFormatException>(() => TransactionRecords.ReadKey(Bytes(key)));

    [Fact]
    public void Version_0_of_a_value_is_read_too()
    {
        TransactionMetadata read = TransactionRecords.ReadValue(
            Bytes("0000 0000000000000003 0001 00002710 01 00000001 0006 6f7264657273 00000001 00000002 0000000000000009 0000000000000008"));
        Assert.Equal(new ProducerIdAndEpoch(3, 1), read.Producer);
        Assert.Equal(TransactionState.Ongoing, read.State);
        Assert.Equal([new TopicPartition("orders", 2)], read.Partitions);
        Assert.Equal((9, 8, 10_000), (read.LastUpdateTimestamp, read.StartTimestamp, read.TimeoutMs));
    }

    private static void AssertWritten(string expected, TransactionMetadata metadata)
    {
        StateRecord record = TransactionRecords.Write("stage-1", metadata);
        Assert.Equal(Convert.ToHexStringLower(Bytes(KafkaKey)), Convert.ToHexStringLower(record.Key));
        Assert.Equal(Convert.ToHexStringLower(Bytes(expected)), Convert.ToHexStringLower(record.Value!));
        Assert.Equal("stage-1", TransactionRecords.ReadKey(record.Key));

        TransactionMetadata read = TransactionRecords.ReadValue(record.Value);
        Assert.True(read.Partitions.SetEquals(metadata.Partitions));
        long previous = metadata.PreviousProducerId == metadata.ProducerId ? -1 : metadata.PreviousProducerId;
        Assert.Equal(metadata with { Partitions = [], PreviousProducerId = previous }, read with { Partitions = [] });
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
