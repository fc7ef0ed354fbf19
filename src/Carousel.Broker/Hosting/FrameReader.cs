using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>
/// Cuts a connection's bytes into requests: <c>frame := length INT32, length bytes</c>. Each comes whole, in one buffer. No buffer is taken for a claim alone:
/// a large frame gets its own when its first bytes are there.
/// </summary>
internal sealed class FrameReader(PipeReader input, RequestMemory memory, int frameBytesMax, ConnectionProgress progress)
{
    private const int PrefixBytes = sizeof(int);

    /// <returns>Null when the client closed the connection between two frames.</returns>
    /// <exception cref="WireFormatException">A length that can't be.</exception>
    /// <exception cref="CloseConnectionException">The client closed the connection within a frame.</exception>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancellationToken)
    {
        progress.WaitForRequest();
        if (await ReadLengthAsync(cancellationToken) is not { } length)
        {
            return null;
        }

        if (length > FramePool.SmallBytesMax)
        {
            await AwaitFirstBytesAsync(length, cancellationToken);
        }

        progress.WaitForMemory();
        Frame frame = await memory.RentAsync(length, cancellationToken);
        try
        {
            progress.WaitForRest();
            await FillAsync(frame.Bytes, cancellationToken);
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    private async ValueTask<int?> ReadLengthAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken);
            if (read.Buffer.Length >= PrefixBytes)
            {
                int length = ReadLength(read.Buffer);
                input.AdvanceTo(read.Buffer.GetPosition(PrefixBytes));
                progress.WaitForRest();
                return Check(length);
            }

            bool isEmpty = read.Buffer.IsEmpty;
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return isEmpty ? null : throw Broken(PrefixBytes);
            }

            if (!isEmpty)
            {
                progress.WaitForRest();
            }
        }
    }

    private static int ReadLength(ReadOnlySequence<byte> buffer)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        return BinaryPrimitives.ReadInt32BigEndian(prefix);
    }

    private int Check(int length) =>
        length >= RequestHeader.FixedBytes && length <= frameBytesMax
            ? length
            : throw new WireFormatException($"A request claims {length} bytes; it may have {RequestHeader.FixedBytes} to {frameBytesMax}.");

    /// <summary>As much as the pipe holds without being emptied proves that the client means it.</summary>
    private async ValueTask AwaitFirstBytesAsync(int length, CancellationToken cancellationToken)
    {
        ReadResult read = await input.ReadAtLeastAsync(FramePool.SmallBytesMax / 2, cancellationToken);
        bool isShort = read.Buffer.Length < FramePool.SmallBytesMax / 2;
        input.AdvanceTo(read.Buffer.Start);
        if (isShort)
        {
            throw Broken(length);
        }
    }

    private async ValueTask FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        int filled = 0;
        while (filled < target.Length)
        {
            ReadResult read = await input.ReadAsync(cancellationToken);
            int count = (int)Math.Min(read.Buffer.Length, target.Length - filled);
            read.Buffer.Slice(0, count).CopyTo(target.Span[filled..]);
            filled += count;
            input.AdvanceTo(read.Buffer.GetPosition(count));
            if (read.IsCompleted && filled < target.Length && read.Buffer.Length == count)
            {
                throw Broken(target.Length);
            }
        }
    }

    private static CloseConnectionException Broken(int length) => new(new(CloseCause.ClientBroke, $"the client closed it within a request of {length} bytes"));
}
