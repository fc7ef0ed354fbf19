using System.Globalization;
using Carousel.Cli.Loading;
using Carousel.Orders;

namespace Carousel.Cli.Tests.Loading;

public sealed class RetailFileTests
{
    private const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    [Fact]
    public void An_invoice_becomes_an_order_with_its_lines_in_file_order_and_its_prices_as_they_stand()
    {
        using var file = new TemporaryFile(Header
            + "536365,85123A,\"HOLDER, \"\"WHITE\"\"\",6,2010-12-01 08:26:00,2.550,17850,United Kingdom\n"
            + "536365,71053,\"two\nlines\",-6,2010-12-01 08:26:00,3,17850,United Kingdom\n"
            + "C536366,D,Discount,1,2010-12-01 08:28:00,-27.5,,United Kingdom\n");

        RetailFile retail = RetailFile.Open(file.Path);
        OrderToPost[] orders = [.. retail.ReadOrders()];

        Assert.Equal(2, retail.OrderCount);
        Assert.Equal(("536365", "cust-17850", "GBP"), (orders[0].IdempotencyKey, orders[0].CustomerId, orders[0].Currency));
        Assert.Equal([new LineToPost("85123A", 6, "2.550"), new LineToPost("71053", -6, "3")], orders[0].Lines);
        Assert.Equal(("C536366", "guest"), (orders[1].IdempotencyKey, orders[1].CustomerId));
        Assert.Equal([new LineToPost("D", 1, "-27.5")], orders[1].Lines);
        Assert.Equal([new SeedCustomer("cust-17850", "ACTIVE")], retail.Seed.Customers);
        Assert.Equal(["71053", "85123A", "D"], retail.Seed.Stock.Select(item => item.Sku));
    }

    [Fact]
    public void An_invoice_whose_lines_lie_apart_is_one_order()
    {
        using var file = new TemporaryFile(Header + "1,a,,1,,1.00,7,\n" + "2,b,,1,,1.00,7,\n" + "1,c,,1,,1.00,7,\n");

        OrderToPost[] orders = [.. RetailFile.Open(file.Path).ReadOrders()];

        Assert.Equal(["2", "1"], orders.Select(order => order.IdempotencyKey));
        Assert.Equal(["a", "c"], orders[1].Lines.Select(line => line.Sku));
    }

    [Theory]
    [InlineData("1,a,\"two\nlines\",1,,1.00,7,\n2,b,,many,,1.00,7,\n", "line 4, column Quantity: expected a whole number, found 'many'")]
    [InlineData("1,a,,1,,1.0.0,7,\n", "line 2, column UnitPrice: expected a decimal number such as 2.55, found '1.0.0'")]
    [InlineData("1,,,1,,1.00,7,\n", "line 2, column StockCode: expected an item code, found ''")]
    [InlineData(",a,,1,,1.00,7,\n", "line 2, column InvoiceNo: expected an invoice number, found ''")]
    [InlineData("1,a,,1,,1.00\n", "line 2: the row has 6 columns where the header has 8")]
    public void A_row_that_is_none_is_refused_by_line_and_column(string rows, string complaint)
    {
        using var file = new TemporaryFile(Header + rows);

        LoadingException error = Assert.Throws<LoadingException>(() => RetailFile.Open(file.Path));

        Assert.Equal($"{file.Path}, {complaint}.", error.Message);
    }

    [Fact]
    public void A_header_without_a_column_is_refused_by_name()
    {
        using var file = new TemporaryFile("InvoiceNo,StockCode,Quantity\n1,a,1\n");

        LoadingException error = Assert.Throws<LoadingException>(() => RetailFile.Open(file.Path));

        Assert.Contains("line 1: the header has no column UnitPrice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_name()
    {
        LoadingException error = Assert.Throws<LoadingException>(() => RetailFile.Open("/no/such/file.csv.gz"));

        Assert.StartsWith("/no/such/file.csv.gz can't be read", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The figures that DESIGN.md gives for the whole data set, by the rules that the gateway applies.</summary>
    [Fact]
    public void The_real_orders_have_the_known_answer()
    {
        string? path = Environment.GetEnvironmentVariable("CAROUSEL_TEST_RETAIL");
        Assert.SkipWhen(string.IsNullOrEmpty(path), "CAROUSEL_TEST_RETAIL names no file with the UCI Online Retail data.");
        RetailFile retail = RetailFile.Open(path!);
        var customers = retail.Seed.Customers.Select(customer => customer.Id).ToHashSet();
        var items = retail.Seed.Stock.Select(item => item.Sku).ToHashSet();
        int refused = 0;
        int unknown = 0;
        int sound = 0;
        decimal amount = 0;
        long units = 0;

        foreach (OrderToPost posted in retail.ReadOrders())
        {
            Order order = AsGatewayReads(posted);
            if (OrderRules.Check(order).Count > 0)
            {
                refused++;
            }
            else if (!customers.Contains(order.CustomerId))
            {
                unknown++;
            }
            else
            {
                Assert.All(order.Lines, line => Assert.Contains(line.Sku, items));
                sound++;
                amount += order.Amount;
                units += order.Lines.Sum(line => (long)line.Quantity);
            }
        }

        Assert.Equal((541_909L, 25_900, 4_372, 4_070), (retail.LineCount, retail.OrderCount, customers.Count, items.Count));
        Assert.Equal((5_940, 1_428, 18_532, 19_960), (refused, unknown, sound, unknown + sound));
        Assert.Equal((8_911_407.90m, 5_168_563L), (amount, units));
    }

    private static Order AsGatewayReads(OrderToPost posted)
    {
        OrderLine[] lines = [.. posted.Lines.Select(line => new OrderLine(line.Sku, line.Quantity, decimal.Parse(line.UnitPrice, CultureInfo.InvariantCulture)))];
        return new Order(
            OrderId.Parse(posted.IdempotencyKey),
            posted.CustomerId,
            OrderStatus.Created,
            posted.Currency,
            OrderRules.Total(lines),
            lines,
            posted.PaymentToken,
            DateTime.UnixEpoch);
    }
}
