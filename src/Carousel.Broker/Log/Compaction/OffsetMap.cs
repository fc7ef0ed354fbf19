using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Carousel.Broker.Log;

/// <summary>
/// The last offset of each key, by 16 bytes of the key's SHA-256, in open addressing: 24 bytes a slot, whatever the keys' sizes. Keys that collide would take each
/// other for the same; with 128 bits they don't.
/// </summary>
internal sealed class OffsetMap
{
    private readonly int _keysMax;
    private readonly Slot[] _slots;
    private int _count;

    /// <param name="keysMax">Keys that it takes at most.</param>
    public OffsetMap(int keysMax)
    {
        _keysMax = keysMax;
        _slots = new Slot[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, keysMax + (keysMax / 3)))];
    }

    /// <summary>Everything up to here was taken in; -1 at first.</summary>
    public long LatestOffset { get; set; } = -1;

    /// <summary>False if the key is new and there is no room for it.</summary>
    public bool TryPut(ReadOnlySpan<byte> key, long offset)
    {
        ref Slot slot = ref Find(key);
        if (slot.NextOffset == 0)
        {
            if (_count == _keysMax)
            {
                return false;
            }

            _count++;
        }

        slot.NextOffset = Math.Max(slot.NextOffset, offset + 1);
        return true;
    }

    /// <summary>The key's last offset; -1 where it has none.</summary>
    public long Get(ReadOnlySpan<byte> key)
    {
        Slot slot = Find(key);
        return slot.NextOffset - 1;
    }

    /// <summary>The key's slot, or the empty one where it would go: then with the hash, and no offset.</summary>
    private ref Slot Find(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        int index = (int)(high & (ulong)(_slots.Length - 1));
        while (_slots[index].NextOffset != 0 && (_slots[index].High != high || _slots[index].Low != low))
        {
            index = (index + 1) & (_slots.Length - 1);
        }

        ref Slot slot = ref _slots[index];
        (slot.High, slot.Low) = (high, low);
        return ref slot;
    }

    /// <summary>One more than the offset, so that a new array is empty.</summary>
    private record struct Slot(ulong High, ulong Low, long NextOffset);
}
