using System.Buffers;
using System.Buffers.Binary;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>
/// Responses on their way, one after another: <c>length INT32, correlation_id INT32, [tags], body</c>. Messages are written here; record batches stay
/// where they are, and are only referred to.
/// </summary>
internal sealed class ResponseBuffer : IReferenceWriter
{
    private const int ScratchBytesMin = 2048;
    private readonly List<Reference> _references = [];
    private byte[] _scratch = [];
    private int _written;
    private long _referenced;

    /// <summary>Bytes of all responses with their length prefixes.</summary>
    public long Length => _written + _referenced;

    public bool HasReferences => _references.Count > 0;

    /// <summary>The responses in pieces, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Parts
    {
        get
        {
            int sent = 0;
            foreach (Reference reference in _references)
            {
                yield return _scratch.AsMemory(sent, reference.After - sent);
                yield return reference.Bytes;
                sent = reference.After;
            }

            if (sent < _written)
            {
                yield return _scratch.AsMemory(sent, _written - sent);
            }
        }
    }

    public void Write<T>(int correlationId, Api api, short version, T message)
        where T : class, IMessage
    {
        (int start, long before) = (_written, Length);
        BinaryPrimitives.WriteInt32BigEndian(GetSpan(2 * sizeof(int))[sizeof(int)..], correlationId);
        Advance(2 * sizeof(int));
        if (api.ResponseHeaderVersion(version) == 1)
        {
            GetSpan(1)[0] = 0;
            Advance(1);
        }

        WireWriter.Write(this, message, api.IsFlexible(version), version);
        BinaryPrimitives.WriteInt32BigEndian(_scratch.AsSpan(start), checked((int)(Length - before - sizeof(int))));
    }

    /// <summary>Forgets everything and keeps no memory, because most connections are idle most of the time.</summary>
    public void Clear()
    {
        _references.Clear();
        if (_scratch.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_scratch);
        }

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

    private void Grow(int count)
    {
        if (_scratch.Length - _written >= count)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(ScratchBytesMin, _scratch.Length * 2), checked(_written + count)));
        _scratch.AsSpan(0, _written).CopyTo(larger);
        if (_scratch.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_scratch);
        }

        _scratch = larger;
    }

    /// <param name="After">How many written bytes stand before it.</param>
    private readonly record struct Reference(int After, ReadOnlyMemory<byte> Bytes);
}
