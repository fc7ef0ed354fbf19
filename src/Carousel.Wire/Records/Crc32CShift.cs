namespace Carousel.Wire.Records;

/// <summary>
/// What a CRC-32C becomes after a fixed number of zero bytes: a linear map over its 32 bits, as four tables of 256 values. It lets the checksums of
/// neighbouring stretches be put together.
/// </summary>
internal sealed class Crc32CShift
{
    /// <summary>The polynomial with its bits reversed, as the checksum is computed.</summary>
    private const uint Polynomial = 0x82F63B78;

    private const int TableSize = 256;
    private readonly uint[] _tables = new uint[4 * TableSize];

    public Crc32CShift(int zeroBytes)
    {
        Span<uint> bits = stackalloc uint[32];
        for (int bit = 0; bit < bits.Length; bit++)
        {
            bits[bit] = AfterZeros(1u << bit, zeroBytes);
        }

        for (int table = 0; table < 4; table++)
        {
            for (int value = 0; value < TableSize; value++)
            {
                uint sum = 0;
                for (int bit = 0; bit < 8; bit++)
                {
                    sum ^= (value >> bit & 1) == 0 ? 0 : bits[(8 * table) + bit];
                }

                _tables[(table * TableSize) + value] = sum;
            }
        }
    }

    public uint Apply(uint crc)
    {
        uint[] tables = _tables;
        return tables[(byte)crc] ^ tables[TableSize + (byte)(crc >> 8)] ^ tables[(2 * TableSize) + (byte)(crc >> 16)] ^ tables[(3 * TableSize) + (crc >> 24)];
    }

    private static uint AfterZeros(uint crc, int zeroBytes)
    {
        for (int bit = 0; bit < 8 * zeroBytes; bit++)
        {
            crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : Polynomial);
        }

        return crc;
    }
}
