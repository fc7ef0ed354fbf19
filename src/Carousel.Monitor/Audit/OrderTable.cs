using System.Numerics;
using System.Text;

namespace Carousel.Monitor.Audit;

/// <summary>
/// Every order of the audit by its id: 64 bytes of state, the id's own bytes, and 4 to 8 bytes of hash table, so about 110 bytes an order with the
/// gateway's ids of 30 characters, 220 MB for 2,000,000. Ids are kept rather than hashed, so that a finding can name them.
/// State and ids lie in chunks: growing copies nothing but the hash table.
/// </summary>
internal sealed class OrderTable
{
    private const int ChunkBits = 12;
    private const int ChunkLength = 1 << ChunkBits;
    private const int TextChunkBytes = 1 << 20;
    private const int Empty = -1;

    private readonly List<OrderState[]> _states = [];
    private readonly List<int[]> _textStarts = [];
    private readonly List<byte[]> _texts = [];
    private int[] _slots = NewSlots(1 << 10);
    private int _textUsed = TextChunkBytes;

    public int Count { get; private set; }

    public ref OrderState this[int index] => ref _states[index >> ChunkBits][index & (ChunkLength - 1)];

    public string IdOf(int index) => Encoding.UTF8.GetString(Text(index));

    /// <summary>The order's index, or -1.</summary>
    public int Find(string id)
    {
        Span<byte> buffer = stackalloc byte[256];
        int slot = SlotOf(Bytes(id, buffer));
        return _slots[slot];
    }

    public int FindOrAdd(string id, out bool added)
    {
        Span<byte> buffer = stackalloc byte[256];
        ReadOnlySpan<byte> text = Bytes(id, buffer);
        int slot = SlotOf(text);
        added = _slots[slot] == Empty;
        if (!added)
        {
            return _slots[slot];
        }

        Append(text);
        _slots[slot] = Count++;
        if (Count > _slots.Length / 4 * 3)
        {
            Grow();
        }

        return Count - 1;
    }

    private static int[] NewSlots(int count)
    {
        int[] slots = new int[count];
        Array.Fill(slots, Empty);
        return slots;
    }

    private static ReadOnlySpan<byte> Bytes(string id, Span<byte> buffer) =>
        Encoding.UTF8.TryGetBytes(id, buffer, out int written) ? buffer[..written] : Encoding.UTF8.GetBytes(id);

    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = new HashCode();
        hash.AddBytes(text);
        return (uint)hash.ToHashCode();
    }

    private int SlotOf(ReadOnlySpan<byte> text)
    {
        int mask = _slots.Length - 1;
        int slot = (int)Hash(text) & mask;
        while (_slots[slot] != Empty && !Text(_slots[slot]).SequenceEqual(text))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    /// <summary>An id lies in one chunk, after a byte with its length; the start counts through all chunks.</summary>
    private ReadOnlySpan<byte> Text(int index)
    {
        int start = _textStarts[index >> ChunkBits][index & (ChunkLength - 1)];
        byte[] chunk = _texts[start / TextChunkBytes];
        int at = start % TextChunkBytes;
        return chunk.AsSpan(at + 1, chunk[at]);
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        if (text.Length > byte.MaxValue)
        {
            throw new InvalidOperationException($"An order id of {text.Length} bytes got past the decoder; they have at most 64.");
        }

        if ((Count & (ChunkLength - 1)) == 0)
        {
            _states.Add(new OrderState[ChunkLength]);
            _textStarts.Add(new int[ChunkLength]);
        }

        if (_textUsed + 1 + text.Length > TextChunkBytes)
        {
            _texts.Add(new byte[TextChunkBytes]);
            _textUsed = 0;
        }

        byte[] chunk = _texts[^1];
        chunk[_textUsed] = (byte)text.Length;
        text.CopyTo(chunk.AsSpan(_textUsed + 1));
        _textStarts[^1][Count & (ChunkLength - 1)] = checked(((_texts.Count - 1) * TextChunkBytes) + _textUsed);
        _textUsed += 1 + text.Length;
    }

    private void Grow()
    {
        _slots = NewSlots((int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length + 1));
        for (int index = 0; index < Count; index++)
        {
            _slots[SlotOf(Text(index))] = index;
        }
    }
}
