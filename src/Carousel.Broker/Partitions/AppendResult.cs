using Carousel.Wire;

namespace Carousel.Broker.Partitions;

/// <summary>Who appends, which decides what is checked.</summary>
internal enum AppendOrigin
{
    /// <summary>A producer: its sequence, its epoch, and that its transaction is known to the coordinator.</summary>
    Client,

    /// <summary>A coordinator of this broker, such as offsets committed in a transaction: only the producer's epoch.</summary>
    Coordinator,
}

/// <summary>What became of an append. A duplicate is a success with the offsets of the first time; its durability is still to be awaited.</summary>
/// <param name="Error"><see cref="ErrorCode.None"/>, or why nothing was appended.</param>
/// <param name="Reason">For people; null without an error.</param>
/// <param name="BaseOffset">Offset of the batch's first record; -1 with an error.</param>
/// <param name="LastOffset">Offset of its last record: what to await for acks=all.</param>
/// <param name="LogAppendTime">The time the broker stamped on the batch in milliseconds; -1 where the producer's time stands.</param>
/// <param name="LogStartOffset">The first offset of the partition; -1 where the log had nothing to do with the error (Kafka's <c>ReplicaManager</c>).</param>
/// <param name="RefusedRecords">Which records of the batch are to blame for the error, counted from 0; null for none in particular.</param>
internal readonly record struct AppendResult(
    ErrorCode Error,
    string? Reason,
    long BaseOffset,
    long LastOffset,
    long LogAppendTime,
    long LogStartOffset,
    bool IsDuplicate = false,
    IReadOnlyList<int>? RefusedRecords = null)
{
    public bool IsSuccess => Error == ErrorCode.None;

    public static AppendResult Refused(ErrorCode error, string? reason, long logStartOffset = -1) => new(error, reason, -1, -1, -1, logStartOffset);
}
