using System.Text;
using Carousel.Gateway.Intake;
using Carousel.Gateway.Problems;
using Carousel.Orders;

namespace Carousel.Gateway.Tests;

public sealed class OrderJsonTests
{
    [Theory]
    [InlineData("-1", "\"1.00\"", "lines[0].quantity", "INVALID_QUANTITY")]
    [InlineData("0", "\"1.00\"", "lines[0].quantity", "INVALID_QUANTITY")]
    [InlineData("2147483648", "\"1.00\"", "lines[0].quantity", "INVALID_QUANTITY")]
    [InlineData("1.5", "\"1.00\"", "lines[0].quantity", "INVALID_QUANTITY")]
    [InlineData("\"1\"", "\"1.00\"", "lines[0].quantity", "WRONG_TYPE")]
    [InlineData("null", "\"1.00\"", "lines[0].quantity", "WRONG_TYPE")]
    [InlineData("1", "\"-0.01\"", "lines[0].unitPrice", "INVALID_UNIT_PRICE")]
    [InlineData("1", "\"0.00001\"", "lines[0].unitPrice", "INVALID_UNIT_PRICE")]
    [InlineData("1", "\"9999999999999999999999999999\"", "lines[0].unitPrice", "INVALID_UNIT_PRICE")]
    [InlineData("1", "\"0.00\"", "amount", "NOTHING_TO_CHARGE")]
    [InlineData("2000000000", "99999999999999", "amount", "AMOUNT_TOO_LARGE")]
    [InlineData("1", "1e400", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "1e2", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"NaN\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"Infinity\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\" 1\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"1,00\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"+1\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"-\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"1.\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"0.1.2\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "\"\\u0031\"", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "0.10000000000000000000000000000001", "lines[0].unitPrice", "INVALID_NUMBER")]
    [InlineData("1", "true", "lines[0].unitPrice", "WRONG_TYPE")]
    [InlineData("1", "{\"a\":[1]}", "lines[0].unitPrice", "WRONG_TYPE")]
    public void A_line_that_is_not_sound_is_named(string quantity, string unitPrice, string field, string code)
    {
        RuleViolation violation = Assert.Single(Violations(Bodies.WithLine(quantity, unitPrice)));

        Assert.Equal((field, code), (violation.Field, violation.Code));
    }

    [Theory]
    [InlineData("{}", "customerId MISSING_FIELD, currency MISSING_FIELD, lines MISSING_FIELD, paymentToken MISSING_FIELD")]
    [InlineData("""{"customerId":1,"currency":"gbp","lines":{},"paymentToken":null}""", "customerId WRONG_TYPE, lines WRONG_TYPE, paymentToken WRONG_TYPE, currency UNKNOWN_CURRENCY")]
    [InlineData("""{"customerId":"c","customerId":"d","currency":"GBP","lines":[],"paymentToken":"t"}""", "customerId DUPLICATE_FIELD, lines LINE_COUNT")]
    [InlineData("""{"customerid":"c","customerId":"d","currency":"GBP","lines":[1],"paymentToken":"t"}""", "customerid UNKNOWN_FIELD, lines[0] WRONG_TYPE")]
    [InlineData("""{"customerId":"d","currency":"GBP","lines":[{"sku":"a","sku":"b","price":{"x":[]}}],"paymentToken":"t"}""", "lines[0].sku DUPLICATE_FIELD, lines[0].price UNKNOWN_FIELD, lines[0].quantity MISSING_FIELD, lines[0].unitPrice MISSING_FIELD")]
    [InlineData("""{"customerId":"\ud800","currency":"GBP","lines":[{"sku":" a","quantity":1,"unitPrice":1}],"paymentToken":"t","idempotencyKey":"k"}""", "customerId INVALID_TEXT, idempotencyKey UNKNOWN_FIELD, lines[0].sku INVALID_SKU")]
    [InlineData("""{"customerId":"c","currency":"GBP","lines":[{"sku":"a","quantity":1,"unitPrice":1}],"paymentToken":"t","amount":"1.01"}""", "amount WRONG_AMOUNT")]
    [InlineData("""{"customerId":"c","currency":"GBP","lines":[{"sku":"a","quantity":1,"unitPrice":1}],"paymentToken":"t","amount":"1.001"}""", "amount WRONG_AMOUNT")]
    public void Everything_that_is_wrong_is_named_at_once(string body, string expected)
    {
        Assert.Equal(expected, string.Join(", ", Violations(body).Select(violation => $"{violation.Field} {violation.Code}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"customerId\":")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{/* comment */}")]
    [InlineData("{} {}")]
    [InlineData("{\"lines\":[{\"sku\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}]}")]
    [InlineData("{'customerId':'c'}")]
    [InlineData("{\"a\":01}")]
    public void What_is_not_a_json_object_is_refused(string body)
    {
        Assert.Null(OrderJson.Read(Encoding.UTF8.GetBytes(body), allowIdempotencyKey: false, out Problem? problem));
        Assert.Equal((400, "invalid-json"), (problem!.Status, problem.Kind));
    }

    [Fact]
    public void Ten_thousand_levels_are_refused_without_recursion()
    {
        string body = string.Concat(Enumerable.Repeat("{\"lines\":[", 10_000));

        Assert.Null(OrderJson.Read(Encoding.UTF8.GetBytes(body), allowIdempotencyKey: false, out Problem? problem));
        Assert.Equal("invalid-json", problem!.Kind);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        byte[] body = [.. "{\"customerId\":\""u8, 0xC3, 0x28, .. "\",\"\xFF\":1}"u8];

        OrderDraft? draft = OrderJson.Read(body, allowIdempotencyKey: false, out Problem? problem);

        Assert.True(problem is not null || draft!.Violations.Count > 0);
    }

    [Fact]
    public void No_more_than_twenty_faults_are_reported_by_the_reader()
    {
        string lines = string.Join(',', Enumerable.Repeat("{}", 500));

        Assert.Equal(20, Violations(Bodies.With(lines: $"[{lines}]")).Count);
    }

    [Fact]
    public void A_number_is_read_exactly_and_never_as_a_double()
    {
        OrderDraft draft = OrderJson.Read(
            Encoding.UTF8.GetBytes(Bodies.WithLine("1", "12345678901234.5678")), allowIdempotencyKey: false, out _)!;

        Assert.Equal(12345678901234.5678m, draft.Lines[0].UnitPrice);
    }

    [Fact]
    public void Any_cut_or_changed_byte_gives_an_order_or_a_refusal_and_no_exception()
    {
        byte[] sound = Encoding.UTF8.GetBytes(Bodies.Sound);
        for (int i = 0; i < sound.Length; i++)
        {
            Judge(sound.AsSpan(0, i));
            byte[] changed = [.. sound];
            foreach (byte value in (byte[])[0, (byte)'"', (byte)'\\', (byte)'}', (byte)'9', 0x80, 0xFF])
            {
                changed[i] = value;
                Judge(changed);
            }
        }

        static void Judge(ReadOnlySpan<byte> body)
        {
            OrderDraft? draft = OrderJson.Read(body, allowIdempotencyKey: false, out Problem? problem);
            Assert.True(problem is not null || draft!.ToOrder(default, out IReadOnlyList<RuleViolation> violations) is not null || violations.Count > 0);
        }
    }

    private static IReadOnlyList<RuleViolation> Violations(string body)
    {
        OrderDraft? draft = OrderJson.Read(Encoding.UTF8.GetBytes(body), allowIdempotencyKey: false, out Problem? problem);
        Assert.Null(problem);
        Assert.Null(draft!.ToOrder(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), out IReadOnlyList<RuleViolation> violations));
        return violations;
    }
}
