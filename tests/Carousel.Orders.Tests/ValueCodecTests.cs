using Carousel.Orders.Avro;
using CsCheck;

namespace Carousel.Orders.Tests;

public sealed class ValueCodecTests
{
    // Made by hand from the Avro specification and the schemas, ids in order of registration.
    private const string OrderHex =
        "00000000010a6f72642d310c637573742d3100064742500405fa020c3835313233410c04639c0006746f6b80c0f8daa6fda506";
    private const string ValidatedHex =
        "00000000020a6f72642d310c637573742d3102064742500405fa020c3835313233410c04639c0006746f6b80c0f8daa6fda50680c9f2dba6fda506";
    private const string FulfilledHex =
        "00000000030a6f72642d310c637573742d3104064742500405fa020c3835313233410c04639c0006746f6b80c0f8daa6fda50680c9f2dba6fda5060a7061792d310405fa0647425080d2ecdca6fda50680dbe6dda6fda506";
    private const string DeadLetterHex =
        "00000000041476616c69646174696f6e02184f55545f4f465f53544f434b126e6f6e65206c656674020a6f72642d310280c0f8daa6fda5060c6f7264657273065480a8a894956702020100040268020202026e0000";
    private readonly FakeRegistry _registry = new();
    private readonly OrderValues _values;

    public ValueCodecTests() => _values = new OrderValues(new CarouselTopics(), _registry);

    private static ValidatedOrder Validated => new(Samples.Order with { Status = OrderStatus.Validated }, Samples.Noon.AddSeconds(1));

    private static FulfilledOrder Fulfilled => new(
        Samples.Order with { Status = OrderStatus.Fulfilled }, Samples.Noon.AddSeconds(1), new Payment("pay-1", 15.30m, "GBP", Samples.Noon.AddSeconds(2)), Samples.Noon.AddSeconds(3));

    private static DeadLetter DeadLetter => new(
        "validation", DeadLetterCategory.Rejection, "OUT_OF_STOCK", "none left", "ord-1", 1, Samples.Noon, "orders", 3, 42, Samples.Noon, [1], null, [new("h", [2]), new("n", null)]);

    [Fact]
    public async Task The_bytes_of_each_value_are_pinned()
    {
        Assert.Equal(OrderHex, await HexAsync(_values.Orders, Samples.Order));
        Assert.Equal(ValidatedHex, await HexAsync(_values.Validated, Validated));
        Assert.Equal(FulfilledHex, await HexAsync(_values.Fulfilled, Fulfilled));
        Assert.Equal(DeadLetterHex, await HexAsync(_values.DeadLetters, DeadLetter));
    }

    [Fact]
    public async Task Any_order_comes_back_as_it_was()
    {
        await Samples.Orders.SampleAsync(async order => AssertSame(order, await RoundTripAsync(_values.Orders, order)), iter: 500);
    }

    [Fact]
    public async Task Validated_and_fulfilled_orders_and_dead_letters_come_back_as_they_were()
    {
        ValidatedOrder validated = await RoundTripAsync(_values.Validated, Validated);
        FulfilledOrder fulfilled = await RoundTripAsync(_values.Fulfilled, Fulfilled);
        DeadLetter letter = await RoundTripAsync(_values.DeadLetters, DeadLetter);

        AssertSame(Validated.Order, validated.Order);
        Assert.Equal(Validated.ValidatedAt, validated.ValidatedAt);
        AssertSame(Fulfilled.Order, fulfilled.Order);
        Assert.Equal((Fulfilled.Payment, Fulfilled.FulfilledAt), (fulfilled.Payment, fulfilled.FulfilledAt));
        Assert.Equal(DeadLetter with { Key = null, Headers = [] }, letter with { Key = null, Headers = [] });
        Assert.Equal(DeadLetter.Key!, letter.Key!);
        Assert.Equal(["h:02", "n:null"], letter.Headers.Select(header => $"{header.Name}:{(header.Value is null ? "null" : Convert.ToHexString(header.Value))}"));
    }

    [Fact]
    public async Task A_finer_time_is_cut_to_the_microsecond()
    {
        Order read = await RoundTripAsync(_values.Orders, Samples.Order with { CreatedAt = Samples.Noon.AddTicks(19) });

        Assert.Equal((Samples.Noon.AddTicks(10), DateTimeKind.Utc), (read.CreatedAt, read.CreatedAt.Kind));
    }

    [Theory]
    [InlineData("", DeadLetterReasons.Malformed)]
    [InlineData("00000000", DeadLetterReasons.Malformed)]
    [InlineData("0100000001", DeadLetterReasons.Malformed)]
    [InlineData("0000000001", DeadLetterReasons.Malformed)]
    [InlineData("00000003E7", DeadLetterReasons.UnknownSchema)]
    [InlineData("00FFFFFFFF", DeadLetterReasons.UnknownSchema)]
    public async Task Bytes_that_are_no_value_say_why(string hex, string reason)
    {
        await _values.Orders.RegisterAsync(default);

        Decoded<Order> decoded = await _values.Orders.DecodeAsync(Convert.FromHexString(hex), default);

        Assert.Equal(reason, decoded.Defect!.Reason);
        Assert.NotEmpty(decoded.Defect.Detail);
    }

    [Fact]
    public async Task A_null_value_and_bytes_left_over_are_malformed()
    {
        byte[] sound = await _values.Orders.EncodeAsync(Samples.Order, default);

        Assert.Equal(DeadLetterReasons.Malformed, (await _values.Orders.DecodeAsync(null, default)).Defect!.Reason);
        Assert.Equal(DeadLetterReasons.Malformed, (await _values.Orders.DecodeAsync((byte[])[.. sound, 0], default)).Defect!.Reason);
        Assert.Null((await _values.Orders.DecodeAsync(sound, default)).Defect);
    }

    [Theory]
    [InlineData("\"string\"")]
    [InlineData("""{"type":"record","name":"Other","fields":[]}""")]
    [InlineData("""{"type":"record","name":"Order","namespace":"carousel.orders","fields":[{"name":"orderId","type":"string"}]}""")]
    [InlineData("""{"type":"record","name":"Order","namespace":"carousel.orders","fields":[{"name":"next","type":["null","carousel.orders.Order"]}]}""")]
    public async Task A_foreign_schema_is_incompatible(string schema)
    {
        int id = _registry.Add(schema);
        byte[] value = new byte[40];
        WireFormat.WriteHeader(value, id);

        Decoded<Order> decoded = await _values.Orders.DecodeAsync(value, default);

        Assert.Equal(DeadLetterReasons.IncompatibleSchema, decoded.Defect!.Reason);
    }

    [Fact]
    public async Task A_registry_that_is_away_stops_only_who_must_ask()
    {
        byte[] value = await _values.Orders.EncodeAsync(Samples.Order, default);
        await _values.Orders.DecodeAsync(value, default);
        _registry.IsDown = true;

        Assert.NotNull((await _values.Orders.DecodeAsync(value, default)).Value);
        Assert.Equal(value, await _values.Orders.EncodeAsync(Samples.Order, default));
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => _values.Validated.EncodeAsync(Validated, default).AsTask());
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => _values.Validated.DecodeAsync(value, default).AsTask());
        Assert.Equal(1, _registry.Lookups);
    }

    [Fact]
    public async Task A_value_that_doesn_t_conform_is_refused_before_it_is_written()
    {
        Order[] orders =
        [
            Samples.Order with { Amount = 0.001m },
            Samples.Order with { Amount = 12_345_678_901_234_567m },
            Samples.Order with { Amount = decimal.MaxValue },
            Samples.Order with { Lines = [new OrderLine("a", 1, 0.00001m)] },
            Samples.Order with { CustomerId = null! },
        ];
        foreach (Order order in orders)
        {
            await Assert.ThrowsAsync<ValueRefusedException>(() => _values.Orders.EncodeAsync(order, default).AsTask());
        }
    }

    private static async Task<string> HexAsync<T>(ValueCodec<T> codec, T value)
        where T : class => Convert.ToHexStringLower(await codec.EncodeAsync(value, default));

    private static async Task<T> RoundTripAsync<T>(ValueCodec<T> codec, T value)
        where T : class
    {
        Decoded<T> decoded = await codec.DecodeAsync(await codec.EncodeAsync(value, default), default);
        Assert.Null(decoded.Defect);
        return decoded.Value!;
    }

    private static void AssertSame(Order expected, Order found)
    {
        Assert.Equal(expected with { Lines = [] }, found with { Lines = [] });
        Assert.Equal(expected.Lines, found.Lines);
    }
}
