using System.Text;
using Carousel.Wire.Records;

namespace Carousel.Wire.Tests.Records;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x22620404u)]
    public void Known_answers_are_met(string text, uint crc) => Assert.Equal(crc, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_test_vectors_of_RFC_3720_are_met()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(value => (byte)value)]));
        Assert.Equal(0x113FDB5Cu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(value => (byte)(31 - value))]));
    }

    [Fact]
    public void Every_length_and_alignment_gives_what_the_bits_one_by_one_give()
    {
        byte[] bytes = new byte[100_000];
        new Random(42).NextBytes(bytes);
        int[] lengths = [.. Enumerable.Range(0, 900), 2_000, 24_575, 24_576, 24_577, 25_000, 60_001, 99_990];
        foreach (int length in lengths)
        {
            ReadOnlySpan<byte> part = bytes.AsSpan(length % 9, length);
            Assert.Equal(BitByBit(part), Crc32C.Compute(part));
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }

        return ~crc;
    }
}
