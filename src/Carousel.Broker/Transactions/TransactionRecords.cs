using System.Buffers.Binary;
using System.Collections.Immutable;
using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>
/// A transactional id as a record of <c>__transaction_state</c>: key and value are Kafka's TransactionLogKey v0 and TransactionLogValue v1, each after its
/// version as an int16 (Kafka's <c>TransactionLog</c>). Version 1 is what Kafka writes once transaction.version is 1 or more: only it has room for the
/// producer ids before and after, without which an end that ran out of epochs couldn't be finished after a crash.
/// </summary>
internal static class TransactionRecords
{
    private const short KeyVersion = 0;
    private const short ValueVersion = 1;

    public static StateRecord Write(string transactionalId, TransactionMetadata metadata) => new(Key(transactionalId), Value(metadata));

    /// <summary>The record that forgets the id.</summary>
    public static StateRecord Tombstone(string transactionalId) => new(Key(transactionalId), null);

    /// <exception cref="WireFormatException">It's no key of this topic.</exception>
    public static string ReadKey(ReadOnlyMemory<byte> key)
    {
        ReadOnlyMemory<byte> body = AfterVersion(key, KeyVersion, KeyVersion, out short version);
        return WireReader.Read<TransactionLogKey>(body, isFlexible: false, version).TransactionalId;
    }

    /// <exception cref="WireFormatException">It's no value of this topic.</exception>
    public static TransactionMetadata ReadValue(ReadOnlyMemory<byte> value)
    {
        ReadOnlyMemory<byte> body = AfterVersion(value, 0, ValueVersion, out short version);
        TransactionLogValue read = WireReader.Read<TransactionLogValue>(body, isFlexible: version >= 1, version);
        if (read.TransactionStatus is < (sbyte)TransactionState.Empty or > (sbyte)TransactionState.CompleteAbort)
        {
            throw new WireFormatException($"{read.TransactionStatus} is no state of a transaction.");
        }

        return new TransactionMetadata(
            read.ProducerId,
            read.ProducerEpoch,
            read.PreviousProducerId,
            read.NextProducerId,
            TransactionMetadata.NoProducerEpoch,
            read.TransactionTimeoutMs,
            (TransactionState)read.TransactionStatus,
            [.. (read.TransactionPartitions ?? []).SelectMany(topic => topic.PartitionIds.Select(number => new TopicPartition(topic.Topic, number)))],
            read.TransactionStartTimestampMs,
            read.TransactionLastUpdateTimestampMs,
            read.ClientTransactionVersion >= (short)TransactionVersion.EpochBump ? TransactionVersion.EpochBump : TransactionVersion.Classic);
    }

    private static byte[] Key(string transactionalId) =>
        WithVersion(new TransactionLogKey { TransactionalId = transactionalId }, isFlexible: false, KeyVersion);

    private static byte[] Value(TransactionMetadata metadata)
    {
        var value = new TransactionLogValue
        {
            ProducerId = metadata.ProducerId,
            ProducerEpoch = metadata.ProducerEpoch,
            // Kafka 4.2 leaves it out as well while the producer id stays the same: the bytes are equal.
            PreviousProducerId = metadata.PreviousProducerId == metadata.ProducerId ? TransactionMetadata.NoProducerId : metadata.PreviousProducerId,
            NextProducerId = metadata.NextProducerId,
            TransactionTimeoutMs = metadata.TimeoutMs,
            TransactionStatus = (sbyte)metadata.State,
            TransactionPartitions = metadata.State == TransactionState.Empty ? null : Topics(metadata.Partitions),
            TransactionLastUpdateTimestampMs = metadata.LastUpdateTimestamp,
            TransactionStartTimestampMs = metadata.StartTimestamp,
            ClientTransactionVersion = (short)metadata.ClientVersion,
        };
        return WithVersion(value, isFlexible: true, ValueVersion);
    }

    private static TransactionLogValue.PartitionsSchema[] Topics(ImmutableHashSet<TopicPartition> partitions) =>
    [
        .. partitions
            .GroupBy(partition => partition.Topic, StringComparer.Ordinal)
            .OrderBy(topic => topic.Key, StringComparer.Ordinal)
            .Select(topic => new TransactionLogValue.PartitionsSchema
            {
                Topic = topic.Key,
                PartitionIds = [.. topic.Select(partition => partition.Partition).Order()],
            }),
    ];

    private static byte[] WithVersion<T>(T message, bool isFlexible, short version)
        where T : class, IMessage
    {
        byte[] body = WireWriter.ToBytes(message, isFlexible, version);
        byte[] bytes = new byte[sizeof(short) + body.Length];
        BinaryPrimitives.WriteInt16BigEndian(bytes, version);
        body.CopyTo(bytes, sizeof(short));
        return bytes;
    }

    private static ReadOnlyMemory<byte> AfterVersion(ReadOnlyMemory<byte> bytes, short versionMin, short versionMax, out short version)
    {
        version = bytes.Length < sizeof(short) ? (short)-1 : BinaryPrimitives.ReadInt16BigEndian(bytes.Span);
        return version >= versionMin && version <= versionMax
            ? bytes[sizeof(short)..]
            : throw new WireFormatException($"Version {version} of a transaction's record isn't known: {versionMin} to {versionMax} are.");
    }
}
