using Avro;
using Carousel.Orders.Avro;
using CsCheck;

namespace Carousel.Orders.Tests;

public sealed class BoundedDecoderTests
{
    [Theory]
    [InlineData("00", 0L)]
    [InlineData("01", -1L)]
    [InlineData("02", 1L)]
    [InlineData("7F", -64L)]
    [InlineData("8001", 64L)]
    [InlineData("FEFFFFFFFFFFFFFFFF01", long.MaxValue)]
    [InlineData("FFFFFFFFFFFFFFFFFF01", long.MinValue)]
    public void Numbers_are_read_as_the_specification_says(string hex, long expected)
    {
        Assert.Equal(expected, Decoder(hex).ReadLong());
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    public void Numbers_that_break_off_or_take_more_than_64_bits_are_refused(string hex)
    {
        Assert.Throws<AvroException>(() => Decoder(hex).ReadLong());
    }

    [Theory]
    [InlineData("8080808010")]
    [InlineData("8180808010")]
    public void An_int_that_takes_more_than_32_bits_is_refused(string hex)
    {
        Assert.Throws<AvroException>(() => Decoder(hex).ReadInt());
    }

    [Theory]
    [InlineData("01")]
    [InlineData("0461")]
    [InlineData("FEFFFFFF0F")]
    [InlineData("FEFFFFFFFFFFFFFFFF01")]
    [InlineData("FFFFFFFFFFFFFFFFFF01")]
    public void A_length_beyond_the_bytes_that_are_left_allocates_nothing(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<AvroException>(() => new BoundedDecoder(bytes).ReadString());
        Assert.Throws<AvroException>(() => new BoundedDecoder(bytes).ReadBytes());
        Assert.Throws<AvroException>(() => new BoundedDecoder(bytes).SkipString());
        Assert.Throws<AvroException>(() => new BoundedDecoder(bytes).SkipBytes());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Theory]
    [InlineData("04")]
    [InlineData("0402")]
    [InlineData("FEFFFFFF0F")]
    [InlineData("FFFFFFFFFFFFFFFFFF01")]
    [InlineData("FFFFFFFFFFFFFFFFFF0100")]
    [InlineData("0310")]
    [InlineData("0301")]
    public void A_count_beyond_the_bytes_that_are_left_is_refused(string hex)
    {
        Assert.Throws<AvroException>(() => Decoder(hex).ReadArrayStart());
        Assert.Throws<AvroException>(() => Decoder(hex).ReadMapNext());
    }

    [Fact]
    public void A_negative_count_is_followed_by_the_block_s_size()
    {
        BoundedDecoder decoder = Decoder("0304AABB");

        Assert.Equal(2, decoder.ReadArrayStart());
        Assert.Equal(2, decoder.BytesLeft);
    }

    [Fact]
    public void Text_that_isn_t_utf8_and_booleans_that_are_neither_are_refused()
    {
        Assert.Throws<AvroException>(() => Decoder("04C328").ReadString());
        Assert.Throws<AvroException>(() => Decoder("02").ReadBoolean());
        Assert.Throws<AvroException>(() => Decoder("00").SkipFixed(2));
        Assert.Throws<AvroException>(() => Decoder("000000").ReadFloat());
    }

    [Fact]
    public async Task Random_and_damaged_bytes_are_an_order_or_a_defect_and_cost_no_memory()
    {
        var registry = new FakeRegistry();
        var values = new OrderValues(new CarouselTopics(), registry);
        byte[] sound = await values.Orders.EncodeAsync(Samples.Order, default);
        long largest = 0;

        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte.Array[0, 12], Gen.Bool).Sample((position, noise, cut) =>
        {
            byte[] bytes = cut
                ? [.. sound[..position], .. noise]
                : [.. sound[..position], .. noise, .. sound[Math.Min(sound.Length, position + noise.Length)..]];
            long before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask<Decoded<Order>> decoding = values.Orders.DecodeAsync(bytes, default);
            Assert.True(decoding.IsCompleted, "the fake registry answers at once");
            Decoded<Order> decoded = decoding.Result;
            InterlockedMax(ref largest, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(decoded.Value is null != decoded.Defect is null);
        }, iter: 20_000);

        Assert.InRange(largest, 1, 1_000_000);
    }

    private static BoundedDecoder Decoder(string hex) => new(Convert.FromHexString(hex));

    private static void InterlockedMax(ref long target, long value)
    {
        long seen;
        while (value > (seen = Interlocked.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
