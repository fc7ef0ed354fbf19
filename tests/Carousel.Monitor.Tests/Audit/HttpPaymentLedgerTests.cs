using System.Net;
using Carousel.Monitor.Audit;

namespace Carousel.Monitor.Tests.Audit;

public sealed class HttpPaymentLedgerTests
{
    [Fact]
    public async Task Entries_are_read_as_the_payment_service_writes_them()
    {
        const string Body =
            """
            {"sequence":0,"kind":"captured","id":"ch_1","reference":"ord-1:charge:1","orderId":"ord-1","amount":"12.50","currency":"GBP","at":"2026-03-01T12:00:00Z"}
            {"sequence":1,"kind":"declined","id":"ch_2","reference":"ord-2:charge:1","orderId":"ord-2","amount":"1.00","currency":"EUR","code":"card_declined","at":"2026-03-01T12:00:01Z"}
            {"sequence":2,"kind":"refunded","id":"re_3","chargeId":"ch_1","reference":"ord-1:refund:1","orderId":"ord-1","amount":"12.50","currency":"GBP","at":"2026-03-01T12:00:02Z"}

            """;

        List<LedgerEntry> entries = await ReadAsync(HttpStatusCode.OK, Body);

        var noon = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        Assert.Equal(
            [
                new LedgerEntry("ch_1", "ord-1:charge:1", "ord-1", 12.50m, "GBP", LedgerStatus.Captured, noon),
                new LedgerEntry("ch_2", "ord-2:charge:1", "ord-2", 1m, "EUR", LedgerStatus.Declined, noon.AddSeconds(1)),
                new LedgerEntry("ch_1", "ord-1:refund:1", "ord-1", 12.50m, "GBP", LedgerStatus.Refunded, noon.AddSeconds(2)),
            ],
            entries);
    }

    [Theory]
    [InlineData("{\"kind\":\"captured\"}")]
    [InlineData("{\"kind\":\"stolen\",\"id\":\"ch_1\"}")]
    [InlineData("not json")]
    public async Task A_line_that_is_no_entry_is_an_error_that_names_the_line(string line)
    {
        AuditException error = await Assert.ThrowsAsync<AuditException>(() => ReadAsync(HttpStatusCode.OK, line));

        Assert.StartsWith("Line 1 of the payment ledger at http://payments/v1/ledger", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_answer_is_an_error_that_names_the_address()
    {
        AuditException error = await Assert.ThrowsAsync<AuditException>(() => ReadAsync(HttpStatusCode.NotFound, ""));

        Assert.Contains("http://payments/v1/ledger answered 404", error.Message, StringComparison.Ordinal);
    }

    private static async Task<List<LedgerEntry>> ReadAsync(HttpStatusCode status, string body)
    {
        using var handler = new Answer(status, body);
        using var http = new HttpClient(handler) { BaseAddress = new Uri("http://payments") };
        var entries = new List<LedgerEntry>();
        await foreach (LedgerEntry entry in new HttpPaymentLedger(http).ReadAsync(CancellationToken.None))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private sealed class Answer(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("/v1/ledger", request.RequestUri!.AbsolutePath);
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
        }
    }
}
