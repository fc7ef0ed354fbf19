using CsCheck;

namespace Carousel.Orders.Tests;

public sealed class OrderRulesTests
{
    [Fact]
    public void Every_sound_order_passes()
    {
        Samples.Orders.Where(order => order.Amount > 0 && !CardNumber.LooksLikeOne(order.PaymentToken)).Sample(order => Assert.Empty(OrderRules.Check(order)));
    }

    [Theory]
    [InlineData("0.005", 1, "0.01")]
    [InlineData("0.0049", 1, "0.00")]
    [InlineData("1.0050", 1, "1.01")]
    [InlineData("0.0025", 2, "0.01")]
    [InlineData("2.55", 6, "15.30")]
    public void Half_a_penny_goes_away_from_zero(string price, int quantity, string expected)
    {
        decimal total = OrderRules.Total([new OrderLine("a", quantity, decimal.Parse(price))]);

        Assert.Equal(decimal.Parse(expected), total);
    }

    [Fact]
    public void The_sum_is_rounded_once_and_not_line_by_line()
    {
        Assert.Equal(0.01m, OrderRules.Total(Enumerable.Repeat(new OrderLine("a", 1, 0.0025m), 4)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_quantity_below_one_is_refused(int quantity) => AssertBroken(With(quantity, 1m), "lines[0].quantity", RuleCodes.InvalidQuantity);

    [Fact]
    public void A_price_below_zero_too_fine_or_too_large_is_refused()
    {
        AssertBroken(With(1, -0.01m), "lines[0].unitPrice", RuleCodes.InvalidUnitPrice);
        AssertBroken(With(1, 0.00001m), "lines[0].unitPrice", RuleCodes.InvalidUnitPrice);
        AssertBroken(With(1, decimal.MaxValue), "lines[0].unitPrice", RuleCodes.InvalidUnitPrice);
        AssertBroken(With(1, decimal.MinValue), "lines[0].unitPrice", RuleCodes.InvalidUnitPrice);
    }

    [Fact]
    public void Nothing_to_charge_and_another_amount_are_refused()
    {
        AssertBroken(With(1, 0m), "amount", RuleCodes.NothingToCharge);
        AssertBroken(Samples.Order with { Amount = 15.31m }, "amount", RuleCodes.WrongAmount);
        AssertBroken(Samples.Order with { Amount = 15.301m }, "amount", RuleCodes.WrongAmount);
        AssertBroken(With(int.MaxValue, OrderRules.UnitPriceMax), "amount", RuleCodes.AmountTooLarge);
    }

    [Fact]
    public void The_largest_lines_allowed_don_t_overflow_the_sum()
    {
        Order order = Samples.Order with { Lines = [.. Enumerable.Repeat(new OrderLine("a", int.MaxValue, OrderRules.UnitPriceMax), OrderRules.LinesMax)] };

        AssertBroken(order, "amount", RuleCodes.AmountTooLarge);
    }

    [Fact]
    public void Two_thousand_lines_are_allowed_and_one_more_or_none_refused()
    {
        OrderLine line = new("a", 1, 1m);

        Assert.Empty(OrderRules.Check(Samples.Order with { Lines = [.. Enumerable.Repeat(line, 2_000)], Amount = 2_000 }));
        AssertBroken(Samples.Order with { Lines = [.. Enumerable.Repeat(line, 2_001)] }, "lines", RuleCodes.LineCount);
        AssertBroken(Samples.Order with { Lines = [] }, "lines", RuleCodes.LineCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("caf\u00e9")]
    [InlineData(" a")]
    [InlineData("a\tb")]
    public void Text_that_is_no_identifier_is_refused(string text)
    {
        AssertBroken(Samples.Order with { CustomerId = text }, "customerId", RuleCodes.InvalidCustomerId);
        AssertBroken(Samples.Order with { PaymentToken = text }, "paymentToken", RuleCodes.InvalidPaymentToken);
        AssertBroken(Samples.Order with { Lines = [new OrderLine(text, 1, 1m)] }, "lines[0].sku", RuleCodes.InvalidSku);
        AssertBroken(Samples.Order with { Currency = text }, "currency", RuleCodes.UnknownCurrency);
    }

    [Theory]
    [InlineData("gbp")]
    [InlineData("XXX")]
    [InlineData("XAU")]
    public void Only_active_currencies_in_capitals_are_known(string code) =>
        AssertBroken(Samples.Order with { Currency = code }, "currency", RuleCodes.UnknownCurrency);

    [Fact]
    public void A_card_number_is_refused_without_being_repeated()
    {
        RuleViolation violation = Assert.Single(OrderRules.Check(Samples.Order with { PaymentToken = "4111 1111 1111 1111" }));

        Assert.Equal(RuleCodes.CardNumber, violation.Code);
        Assert.DoesNotContain("4111", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_more_than_twenty_violations_are_reported()
    {
        Order order = Samples.Order with { Lines = [.. Enumerable.Repeat(new OrderLine("", 0, -1m), 2_000)] };

        Assert.Equal(20, OrderRules.Check(order).Count);
    }

    private static Order With(int quantity, decimal price) => Samples.Order with { Lines = [new OrderLine("a", quantity, price)], Amount = 0 };

    private static void AssertBroken(Order order, string field, string code)
    {
        RuleViolation violation = Assert.Single(OrderRules.Check(order));
        Assert.Equal((field, code), (violation.Field, violation.Code));
        Assert.NotEmpty(violation.Message);
    }
}
