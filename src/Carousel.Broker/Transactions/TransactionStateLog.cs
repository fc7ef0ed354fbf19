using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>Writes transactional ids to <c>__transaction_state</c>, always inside the gate of the id.</summary>
internal sealed class TransactionStateLog(StateTopic topic)
{
    private readonly bool[] _isUnavailable = new bool[topic.PartitionCount];

    public int PartitionCount => topic.PartitionCount;

    /// <summary>Whether every partition could be read when the broker started.</summary>
    public bool IsComplete => !_isUnavailable.Contains(true);

    /// <summary>False where the id's partition couldn't be read when the broker started: what is there can't be known, and mustn't be written over.</summary>
    public bool IsAvailable(string transactionalId) => !_isUnavailable[PartitionOf(transactionalId)];

    /// <summary>Keeps clients away from a partition that can't be read. While the broker starts.</summary>
    public void SetUnavailable(int partition) => _isUnavailable[partition] = true;

    public int PartitionOf(string transactionalId) => topic.PartitionOf(transactionalId);

    /// <summary>Writes a state and returns when nothing can take it back.</summary>
    public async ValueTask<ErrorCode> AppendDurablyAsync(TransactionalId id, TransactionMetadata next)
    {
        StateAppend append = topic.Append(id.Partition, [TransactionRecords.Write(id.Name, next)]);
        ErrorCode error = append.Error == ErrorCode.None ? await topic.WaitUntilDurableAsync(id.Partition, append.LastOffset) : append.Error;
        if (error == ErrorCode.None)
        {
            // An earlier record of the same partition is on disk as well.
            id.UnconfirmedEndOffset = -1;
        }

        return ForClient(error);
    }

    /// <summary>Writes a state that may be lost with the machine's power, though not with this process.</summary>
    /// <param name="offset">Of the record.</param>
    public ErrorCode Append(TransactionalId id, TransactionMetadata next, out long offset)
    {
        StateAppend append = topic.Append(id.Partition, [TransactionRecords.Write(id.Name, next)]);
        offset = append.LastOffset;
        return ForClient(append.Error);
    }

    /// <summary>Returns when the end of the last transaction can't be taken back.</summary>
    public async ValueTask<ErrorCode> ConfirmEndAsync(TransactionalId id)
    {
        if (id.UnconfirmedEndOffset < 0)
        {
            return ErrorCode.None;
        }

        ErrorCode error = await topic.WaitUntilDurableAsync(id.Partition, id.UnconfirmedEndOffset);
        if (error == ErrorCode.None)
        {
            id.UnconfirmedEndOffset = -1;
        }

        return ForClient(error);
    }

    /// <summary>Writes that the id is forgotten. If that is lost, it expires once more.</summary>
    public ErrorCode AppendTombstone(TransactionalId id) => topic.Append(id.Partition, [TransactionRecords.Tombstone(id.Name)]).Error;

    /// <summary>Shows the last state of every id in a partition, and returns when what was read can't be taken back.</summary>
    /// <exception cref="InvalidDataException">The partition can't be read.</exception>
    /// <exception cref="WireFormatException">It holds what no coordinator wrote.</exception>
    public async ValueTask<IReadOnlyDictionary<string, TransactionMetadata>> LoadAsync(int partition)
    {
        var loaded = new Dictionary<string, TransactionMetadata>(StringComparer.Ordinal);
        long last = -1;
        topic.Replay(partition, read =>
        {
            last = read.Offset;
            if (read is StateRecordRead.Data { Value: { } value } written)
            {
                loaded[TransactionRecords.ReadKey(written.Key)] = TransactionRecords.ReadValue(value);
            }
            else if (read is StateRecordRead.Data deleted)
            {
                loaded.Remove(TransactionRecords.ReadKey(deleted.Key));
            }
        });
        ErrorCode error = await topic.WaitUntilDurableAsync(partition, last);
        return error == ErrorCode.None ? loaded : throw new InvalidDataException($"{topic.Name}-{partition} can't be made durable: {error}.");
    }

    /// <summary>Clients look for the coordinator anew, and try again (Kafka's <c>TransactionStateManager</c>).</summary>
    private static ErrorCode ForClient(ErrorCode error) => error switch
    {
        ErrorCode.None => ErrorCode.None,
        ErrorCode.KafkaStorageError or ErrorCode.NotLeaderOrFollower => ErrorCode.NotCoordinator,
        _ => ErrorCode.CoordinatorNotAvailable,
    };
}
