namespace Carousel.Gateway.Tests;

/// <summary>Orders in JSON.</summary>
internal static class Bodies
{
    public const string Sound =
        """{"customerId":"cust-1","currency":"GBP","lines":[{"sku":"85123A","quantity":6,"unitPrice":"2.55"}],"paymentToken":"tok_visa"}""";

    public static string WithLines(int count) => With(
        lines: $"[{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"sku":"sku-{{i}}","quantity":1,"unitPrice":"0.01"}"""))}]");

    public static string With(
        string customerId = "\"cust-1\"",
        string currency = "\"GBP\"",
        string lines = """[{"sku":"85123A","quantity":6,"unitPrice":"2.55"}]""",
        string paymentToken = "\"tok_visa\"",
        string extra = "") =>
        $$"""{"customerId":{{customerId}},"currency":{{currency}},"lines":{{lines}},"paymentToken":{{paymentToken}}{{extra}}}""";

    public static string WithLine(string quantity = "1", string unitPrice = "\"1.00\"", string sku = "\"a\"") =>
        With(lines: $$"""[{"sku":{{sku}},"quantity":{{quantity}},"unitPrice":{{unitPrice}}}]""");
}
