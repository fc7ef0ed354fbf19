using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Carousel.Wire.Records;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of record batches and of producer snapshots. The processor's instruction takes three cycles but can begin one in each,
/// so long inputs are cut into three stretches that are computed side by side and put together by <see cref="Crc32CShift"/>.
/// </summary>
public static class Crc32C
{
    private const int LongWords = 1024;
    private const int ShortWords = 32;

    private static readonly Crc32CShift LongShift = new(LongWords * sizeof(ulong));
    private static readonly Crc32CShift ShortShift = new(ShortWords * sizeof(ulong));

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        uint crc = ~0u;
        while (words.Length >= 3 * LongWords)
        {
            crc = Three(crc, words, LongWords, LongShift);
            words = words[(3 * LongWords)..];
        }

        while (words.Length >= 3 * ShortWords)
        {
            crc = Three(crc, words, ShortWords, ShortShift);
            words = words[(3 * ShortWords)..];
        }

        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (byte rest in bytes[(bytes.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Three(uint crc, ReadOnlySpan<ulong> words, int count, Crc32CShift shift)
    {
        ReadOnlySpan<ulong> first = words[..count];
        ReadOnlySpan<ulong> second = words.Slice(count, count);
        ReadOnlySpan<ulong> third = words.Slice(2 * count, count);
        uint crcSecond = 0;
        uint crcThird = 0;
        for (int index = 0; index < first.Length && index < second.Length && index < third.Length; index++)
        {
            crc = BitOperations.Crc32C(crc, first[index]);
            crcSecond = BitOperations.Crc32C(crcSecond, second[index]);
            crcThird = BitOperations.Crc32C(crcThird, third[index]);
        }

        return shift.Apply(shift.Apply(crc) ^ crcSecond) ^ crcThird;
    }
}
