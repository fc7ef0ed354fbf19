using Avro;
using Avro.Generic;
using Avro.IO;
using Carousel.Orders.Avro;
using CsCheck;

namespace Carousel.Orders.Tests;

/// <summary>Holds our own reading and writing against Apache.Avro's.</summary>
public sealed class ValueFormatTests
{
    private readonly OrderSchemas _schemas = new(new CarouselTopics());
    private readonly FakeRegistry _registry = new();
    private readonly OrderValues _values;

    public ValueFormatTests() => _values = new OrderValues(new CarouselTopics(), _registry);

    [Fact]
    public async Task Apache_Avro_reads_any_order_as_we_wrote_it()
    {
        await Samples.Orders.SampleAsync(
            async order =>
            {
                byte[] value = await _values.Orders.EncodeAsync(order, default);

                Order read = OrderMapping.ToOrder(ReadWithAvro(_schemas.OrderSchema, value));

                Assert.Equal(order with { Lines = [] }, read with { Lines = [] });
                Assert.Equal(order.Lines, read.Lines);
            },
            iter: 300);
    }

    [Theory]
    [InlineData("9999999999999999.99")]
    [InlineData("-9999999999999999.99")]
    [InlineData("0")]
    [InlineData("1.27")]
    [InlineData("1.28")]
    [InlineData("-1.28")]
    [InlineData("-1.29")]
    [InlineData("327.67")]
    [InlineData("327.68")]
    public async Task Amounts_take_as_few_bytes_as_Apache_Avro_gives_them(string text)
    {
        decimal amount = decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        byte[] value = await _values.Orders.EncodeAsync(Samples.Order with { Amount = amount }, default);
        GenericRecord record = ReadWithAvro(_schemas.OrderSchema, value);
        using var written = new MemoryStream();
        new GenericDatumWriter<GenericRecord>(_schemas.OrderSchema).Write(record, new BinaryEncoder(written));

        Assert.Equal(written.ToArray(), value[WireFormat.HeaderBytes..]);
        Assert.Equal(amount, (await _values.Orders.DecodeAsync(value, default)).Value!.Amount);
    }

    [Theory]
    [InlineData("18010000000000000000000000")]
    [InlineData("100DE0B6B3A7640000")]
    [InlineData("1400000DE0B6B3A7640000")]
    public void A_decimal_of_more_than_18_digits_is_refused(string hex)
    {
        Assert.Throws<AvroException>(() => new BoundedDecoder(Convert.FromHexString(hex)).ReadDecimal("amount", AvroFields.AmountScale));
    }

    [Theory]
    [InlineData("00", "0.00")]
    [InlineData("0205", "0.05")]
    [InlineData("02FF", "-0.01")]
    [InlineData("14000000000000000000FF", "2.55")]
    [InlineData("14FFFFFFFFFFFFFFFFFF01", "-2.55")]
    public void A_decimal_may_have_more_bytes_than_it_needs_or_none(string hex, string expected)
    {
        decimal read = new BoundedDecoder(Convert.FromHexString(hex)).ReadDecimal("amount", AvroFields.AmountScale);

        Assert.Equal(expected, read.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_writer_with_another_compatible_schema_is_resolved()
    {
        // Another order of the symbols: the same bytes mean another status.
        string json = _schemas.Order.Json.Replace("[\"CREATED\", \"VALIDATED\",", "[\"VALIDATED\", \"CREATED\",", StringComparison.Ordinal);
        byte[] value = await _values.Orders.EncodeAsync(Samples.Order, default);
        WireFormat.WriteHeader(value, _registry.Add(json));

        Decoded<Order> decoded = await _values.Orders.DecodeAsync(value, default);

        Assert.Equal(OrderStatus.Validated, decoded.Value!.Status);
        Assert.Equal(Samples.Order.Lines, decoded.Value.Lines);
    }

    [Theory]
    [InlineData("\"quantity\", \"type\": \"int\"", "\"quantity\", \"type\": \"long\"")]
    [InlineData("\"scale\": 4", "\"scale\": 2")]
    [InlineData("timestamp-micros", "timestamp-millis")]
    [InlineData("\"customerId\"", "\"buyerId\"")]
    [InlineData("\"REJECTED\"", "\"REJECTED\", \"LOST\"")]
    [InlineData("\"name\": \"OrderLine\"", "\"name\": \"Line\"")]
    public void Schemas_whose_values_have_other_bytes_or_meanings_are_told_apart(string ours, string theirs)
    {
        string json = _schemas.Order.Json;
        Assert.Contains(ours, json, StringComparison.Ordinal);

        Assert.False(SchemaShape.HaveSameBytes(Schema.Parse(json.Replace(ours, theirs, StringComparison.Ordinal)), _schemas.OrderSchema));
        Assert.True(SchemaShape.HaveSameBytes(Schema.Parse(json.Replace("\"doc\": \"ISO 4217 code\"", "\"doc\": \"currency\"", StringComparison.Ordinal)), _schemas.OrderSchema));
    }

    private static GenericRecord ReadWithAvro(RecordSchema schema, byte[] value) =>
        new GenericDatumReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(new MemoryStream(value[WireFormat.HeaderBytes..])));
}
