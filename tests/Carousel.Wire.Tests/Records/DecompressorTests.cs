using System.Text;
using Carousel.Wire.Records;
using Carousel.Wire.Records.Compression;

namespace Carousel.Wire.Tests.Records;

public sealed class DecompressorTests
{
    private const int BytesMax = 1 << 20;

    /// <summary>The same twelve records in each compression, as Kafka 4.2's own client writes them.</summary>
    private static readonly Dictionary<CompressionType, string> Batches = new()
    {
        [CompressionType.Gzip] =
            "AAAAAAAAAAAAAAFU/////wIo+Ku6AAEAAAALAAABi8/laAAAAAGLz+VoC///////////////////AAAADB+LCAAAAAAAAP+V1LsKwjAUBuBERKSIiIgP0NlKc6lt3RRFBAcHcRftJFro" +
            "ZRDxtUTEZxARH8g02aJwmqnlEPLBz5/zxAghax+dHPeKz3ac7KLEHhZfx7V7dpptsjwVg/VoMZ+MVtOJGG4OcX7MxNDte8WhbZ4k0XF7EpPZeCkHaRYf5EXFr7jpgl4YVSoSIjcNIiDE" +
            "/JISUVK1KiWqSxSUfF5SokJ6Y1SrSYndNYmBEiHEID5B1euS4jrFYYoHBvkJyrJUJXTKg6nAMwuw0VCl0KkBSFFKzQJsNlUrdMqHKS80C7DV+l+LAKbCgVmA7fb/WoTwq2LMIMAPRp2O" +
            "qsVDf8DwqmB+2WVBlNXtql78WPC24G7ZdVFE+AXpw5OUAgUAAA==",
        [CompressionType.Snappy] =
            "AAAAAAAAAAAAAAHF/////wLTGYL2AAIAAAALAAABi8/laAAAAAGLz+VoC///////////////////AAAADIJTTkFQUFkAAAAAAQAAAAEAAAGAggpUzgEAAAAKa2V5LTC2AXsib3JkZXIi" +
            "OgEI8EAtMCIsInN0YXR1cyI6IlZBTElEQVRFRCIsImFtb3VudCI6IjAuNTAiLCJjdXJyZW5jeSI6IkdCUCIsImN1c3RvbQVJAQskLTAifQDQAQACAgVpBDG4OmkAADGCaQAIMzculmoA" +
            "ADEJagQEBAVqADI+agAAMoJqAAQ3NJpqACAyIn0A0gEABgYFagQzujrUAAAzgmoACDExMZprACE/ENIBAAgIBWsAND5rAAA0hmsABDQ4mmsAIUAQ0gEACgoFawAwPmsAADWGawAEODWa" +
            "awAtQQQMDAVrADE+awAANoJrAAgyMjKaawAtQQQODgVrADI+awAAN4ZrAAQ1OZprAC1BBBAQBWtCFwIAOIZrAAQ5NpprAC1BBBISBWtCFwIAOYJrAAgzMzOaawAhQRDUAQAUFAVrBDC8" +
            "Ou0CADGGKwQEMzeeLQQhQhDUAQAWFgVsADFCbAAAMYLYAAQ0MJ4vBAwyIn0A",
        [CompressionType.Lz4] =
            "AAAAAAAAAAAAAAG+/////wKxQyxmAAMAAAALAAABi8/laAAAAAGLz+VoC///////////////////AAAADAQiTRhgQIJ+AQAA8AfOAQAAAAprZXktMLYBeyJvcmRlciI6CADwFy0wIiwi" +
            "c3RhdHVzIjoiVkFMSURBVEVEIiwiYW1vdW50IjoiMC41JQDhY3VycmVuY3kiOiJHQlARAEFzdG9tSQAACwChLTAifQDQAQACAmkAKzG4aQAfMWkADi8zN2oAFBIxagAhBARqABwyagAf" +
            "MmoADi83NGoAFJEyIn0A0gEABgZqACszutQAHzNqAA4/MTExawAUAD8BUdIBAAgIawAcNGsAHzRrAA8vNDhrABQAQAFR0gEACgprABwwawAfNWsADy84NWsAFANBASEMDGsAHDFrAB82" +
            "awAOPzIyMmsAFANBASEODmsAHDJrAB83awAPLzU5awAUA0EBIRAQawANFwIfOGsADy85NmsAFANBASESEmsADRcCHzlrAA4/MzMzawAUAEEBUdQBABQUawArMLztAhAxBgQPKwQLLzM3" +
            "LQQVAEIBUdQBABYWbAAdMWwADy4EDy80MC8EFFAtMiJ9AAAAAAA=",
        [CompressionType.Zstd] =
            "AAAAAAAAAAAAAAFR/////wICGJPZAAQAAAALAAABi8/laAAAAAGLz+VoC///////////////////AAAADCi1L/0AWKQIAFJMLS1gidMBEwbZwqYoiqKoDI17P/bvTgiMLmV1HIWBbtx2" +
            "7y2J4YDMWTw8TIPHaMuaveM+ZomEo+OGjUS0RWj2dc5JDwJpihS5x4MlGNvh2O6mcKPRMILrOBy99xiMZWbH4BYLbRCavV/sVig4Ol7gRELbg2ZfaF4YlbHmVQAg8OkbSlNJiVF/vnCy" +
            "nz41mJW5/LklwKBiGSCoHHz6hc3LvP58IYy0Pl1WGGk9oSkstKkQHFVtDgE2ILCjQq0ByhlvMhbtJYMIQyrRBYd120qlGwXeiwOzbI7gvWhgyuZIvBcHRulGwXvRwJTNkXgvDoyyOYIX" +
            "LrpkYLClM4rG7aHEkaF4EQPTls0o1BjbppgtJNFlzQEAAA==",
    };

    public static TheoryData<CompressionType> Types => [.. Batches.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void Records_are_decompressed(CompressionType type)
    {
        byte[] batch = Convert.FromBase64String(Batches[type]);
        Assert.Equal(type, new RecordBatchHeader(batch).Compression);
        Assert.True(RecordBatch.Validate(batch, BytesMax).IsValid);
        Assert.True(Decompressor.TryDecompress(batch, BytesMax, out ReadOnlySpan<byte> records, out string? problem), problem);
        var reader = new RecordReader(new RecordBatchHeader(batch), records);
        for (int index = 0; index < 12; index++)
        {
            Assert.True(reader.Read(), reader.Problem);
            Assert.Equal($"key-{index % 5}", Encoding.UTF8.GetString(reader.Current.Key));
            string value = $"{{\"order\":\"ord-{index}\",\"status\":\"VALIDATED\",\"amount\":\"{index * 37}.50\",\"currency\":\"GBP\",\"customer\":\"cust-{index % 3}\"}}";
            Assert.Equal(value, Encoding.UTF8.GetString(reader.Current.Value));
        }

        Assert.False(reader.Read());
        Assert.Null(reader.Problem);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void More_bytes_than_allowed_are_refused(CompressionType type)
    {
        byte[] batch = Convert.FromBase64String(Batches[type]);
        Assert.False(Decompressor.TryDecompress(batch, 1000, out _, out string? problem));
        Assert.Equal("the records have more than 1000 bytes", problem);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Changed_and_cut_bytes_are_decoded_or_refused_without_an_exception(CompressionType type)
    {
        byte[] batch = Convert.FromBase64String(Batches[type]);
        var random = new Random((int)type);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] changed = [.. batch];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                changed[random.Next(RecordBatchHeader.Size, changed.Length)] = (byte)random.Next(256);
            }

            int length = random.Next(3) == 0 ? random.Next(RecordBatchHeader.Size, changed.Length) : changed.Length;
            refused += Decompressor.TryDecompress(changed.AsSpan(0, length), BytesMax, out _, out _) ? 0 : 1;
        }

        Assert.True(refused > 1000, $"only {refused} of 20,000 were refused");
    }

    [Fact]
    public void Uncompressed_records_are_a_part_of_the_batch()
    {
        byte[] batch = new RecordBatchBuilder(0).Add(null, [1, 2, 3]).Build();
        Assert.True(Decompressor.TryDecompress(batch, bytesMax: 0, out ReadOnlySpan<byte> records, out _));
        Assert.True(records == batch.AsSpan(RecordBatchHeader.Size));
    }

    [Fact]
    public void A_raw_snappy_block_is_read_too()
    {
        // 5 literals, then 10 bytes from a distance of 5: "hello" three times.
        byte[] block = [15, (5 - 1) << 2, .. "hello"u8, ((10 - 1) << 2) | 2, 5, 0];
        byte[] batch = [.. new RecordBatchBuilder(0) { Attributes = (RecordBatchAttributes)CompressionType.Snappy }.Build(), .. block];
        Assert.True(Decompressor.TryDecompress(batch, BytesMax, out ReadOnlySpan<byte> records, out _));
        Assert.Equal("hellohellohello", Encoding.ASCII.GetString(records));
    }
}
