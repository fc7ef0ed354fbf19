using CsCheck;

namespace Carousel.Orders.Tests;

public sealed class OrderFingerprintTests
{
    [Fact]
    public void It_is_the_same_for_ever()
    {
        Assert.Equal("d9a7ea6bc908bc6450fb17a82f3c9f400957f5a17cd10f34005e1308da481282", Convert.ToHexStringLower(OrderFingerprint.Of(Samples.Order)));
    }

    [Fact]
    public void Id_time_status_and_trailing_zeros_don_t_matter()
    {
        Order same = Samples.Order with
        {
            OrderId = OrderId.Parse("other"),
            CreatedAt = Samples.Noon.AddDays(1),
            Status = OrderStatus.Validated,
            Amount = 15.3m,
            Lines = [new OrderLine("85123A", 6, 2.5500m)],
        };

        Assert.Equal(OrderFingerprint.Of(Samples.Order), OrderFingerprint.Of(same));
    }

    [Fact]
    public void Everything_else_does()
    {
        Order order = Samples.Order with { Lines = [new OrderLine("ab", 1, 1m), new OrderLine("c", 2, 2m)] };
        Order[] others =
        [
            order with { CustomerId = "cust-2" },
            order with { Currency = "EUR" },
            order with { Amount = 15.31m },
            order with { PaymentToken = "tok2" },
            order with { CustomerId = "cust-1G", Currency = "BP" },
            order with { Lines = [new OrderLine("c", 2, 2m), new OrderLine("ab", 1, 1m)] },
            order with { Lines = [new OrderLine("a", 1, 1m), new OrderLine("bc", 2, 2m)] },
            order with { Lines = [new OrderLine("ab", 2, 1m), new OrderLine("c", 2, 2m)] },
            order with { Lines = [new OrderLine("ab", 1, 1.0001m), new OrderLine("c", 2, 2m)] },
            order with { Lines = [new OrderLine("ab", 1, 1m)] },
        ];

        Assert.Equal(others.Length + 1, others.Append(order).Select(other => Convert.ToHexString(OrderFingerprint.Of(other))).Distinct().Count());
    }

    [Fact]
    public async Task It_outlives_encoding_and_decoding()
    {
        var values = new Avro.OrderValues(new CarouselTopics(), new FakeRegistry());
        await Samples.Orders.SampleAsync(async order =>
        {
            Order read = (await values.Orders.DecodeAsync(await values.Orders.EncodeAsync(order, default), default)).Value!;
            Assert.Equal(OrderFingerprint.Of(order), OrderFingerprint.Of(read));
        }, iter: 200);
    }
}
