using Carousel.Broker.Partitions;
using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Hosting.Composition;

/// <summary>A partition as the log of a coordinator.</summary>
/// <param name="verifier">
/// Asked before the first record of a transaction is written here, so that no committed offset waits for the end of a transaction that nobody will end.
/// </param>
internal sealed class PartitionStateLog(Partition partition, ITransactionVerifier verifier) : IStateLog
{
    private const int ReadBytesMax = 1 << 20;

    public StateAppend Append(byte[] batch)
    {
        AppendResult result = partition.Append(batch, AppendOrigin.Coordinator, verifier);
        return result.IsSuccess ? new StateAppend(ErrorCode.None, result.BaseOffset, result.LastOffset) : StateAppend.Failed(result.Error);
    }

    /// <summary>A coordinator's change stands whether or not anybody still waits for the answer.</summary>
    public ValueTask<ErrorCode> WaitUntilDurableAsync(long offset) => partition.WaitUntilDurableAsync(offset, CancellationToken.None);

    /// <summary>Only while the broker starts: the copy spares the reader from keeping the buffer.</summary>
    public ReadOnlyMemory<byte> Read(long offset)
    {
        using ReadResult read = partition.Read(Math.Max(offset, partition.LogStartOffset), ReadBytesMax, readCommitted: false, minOneBatch: true);
        if (read.Error == ErrorCode.None)
        {
            return read.Records.ToArray();
        }

        string reason = partition.Fault?.ToString() ?? $"reading offset {offset} answers {read.Error}";
        throw new InvalidDataException(
            $"{partition.Name}, which the coordinators need, can't be read: {reason}. Put its folder back from a copy, or move it away: what was kept in it is forgotten then.");
    }
}
