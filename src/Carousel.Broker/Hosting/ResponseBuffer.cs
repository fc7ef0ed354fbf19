using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>
/// One response: <c>length INT32, correlation_id INT32, [tags], body</c>. The message is written here; its record batches stay where they are. Sending goes
/// piece by piece, so that no more than the pipe's bound is on its way to a client that doesn't read.
/// </summary>
internal sealed class ResponseBuffer : IReferenceWriter
{
    private const int PieceBytesMax = 64 * 1024;
    private const int ScratchBytesMin = 2048;
    private readonly List<Reference> _references = [];
    private byte[] _scratch = [];
    private int _written;
    private long _referenced;

    /// <summary>Bytes of the whole response with its length prefix.</summary>
    public long Length => _written + _referenced;

    public void Write<T>(int correlationId, Api api, short version, T message)
        where T : class, IMessage
    {
        Span<byte> head = GetSpan(2 * sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(head[sizeof(int)..], correlationId);
        Advance(2 * sizeof(int));
        if (api.ResponseHeaderVersion(version) == 1)
        {
            GetSpan(1)[0] = 0;
            Advance(1);
        }

        WireWriter.Write(this, message, api.IsFlexible(version), version);
        BinaryPrimitives.WriteInt32BigEndian(_scratch, checked((int)(Length - sizeof(int))));
    }

    /// <summary>Hands everything written so far to the pipe. The last piece stays there until it is flushed, perhaps with the next response.</summary>
    /// <returns>False when nobody reads any more.</returns>
    public async ValueTask<bool> SendAsync(PipeWriter output, ConnectionProgress progress, CancellationToken cancellationToken)
    {
        int sent = 0;
        foreach (Reference reference in _references)
        {
            if (!await SendAsync(output, _scratch.AsMemory(sent, reference.After - sent), progress, cancellationToken)
                || !await SendAsync(output, reference.Bytes, progress, cancellationToken))
            {
                return false;
            }

            sent = reference.After;
        }

        return await SendAsync(output, _scratch.AsMemory(sent, _written - sent), progress, cancellationToken);
    }

    /// <summary>Forgets everything and keeps no memory, because most connections are idle most of the time.</summary>
    public void Clear()
    {
        _references.Clear();
        ArrayPool<byte>.Shared.Return(_scratch);
        (_scratch, _written, _referenced) = ([], 0, 0);
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _scratch.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void WriteReference(ReadOnlyMemory<byte> bytes)
    {
        _references.Add(new(_written, bytes));
        _referenced += bytes.Length;
    }

    private static async ValueTask<bool> SendAsync(
        PipeWriter output, ReadOnlyMemory<byte> bytes, ConnectionProgress progress, CancellationToken cancellationToken)
    {
        while (bytes.Length > PieceBytesMax)
        {
            progress.WaitUntilTaken();
            FlushResult flushed = await output.WriteAsync(bytes[..PieceBytesMax], cancellationToken);
            if (flushed.IsCompleted)
            {
                return false;
            }

            bytes = bytes[PieceBytesMax..];
        }

        output.Write(bytes.Span);
        return true;
    }

    private void Grow(int count)
    {
        if (_scratch.Length - _written >= count)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(ScratchBytesMin, _scratch.Length * 2), checked(_written + count)));
        _scratch.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_scratch);
        _scratch = larger;
    }

    /// <param name="After">How many written bytes stand before it.</param>
    private readonly record struct Reference(int After, ReadOnlyMemory<byte> Bytes);
}
