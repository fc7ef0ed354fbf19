using System.Net;
using System.Text;
using Carousel.Fulfillment.Payments;

namespace Carousel.Fulfillment.Tests.Payments;

public sealed class ProviderAnswersTests
{
    private static readonly ChargeRequest Request = SimulatedProvider.Request("ord-1");

    [Theory]
    [InlineData("ord-2:charge:1", "12.34", "GBP", 201)]
    [InlineData("ord-1:charge:1", "12.35", "GBP", 200)]
    [InlineData("ord-1:charge:1", "12.34", "EUR", 201)]
    [InlineData("ord-1:charge:1", "", "GBP", 201)]
    public void An_answer_for_something_else_throws(string reference, string amount, string currency, int status)
    {
        var answer = Parse($$"""{"id":"ch_1","reference":"{{reference}}","amount":"{{amount}}","currency":"{{currency}}","status":"captured","createdAt":"2026-01-01T00:00:00Z"}""");
        Assert.Throws<PaymentContractException>(() => ProviderAnswers.ToOutcome((HttpStatusCode)status, answer, null, Request));
    }

    [Theory]
    [InlineData("""{"id":"ch_1","status":"pending"}""")]
    [InlineData("""{"id":"ch_1","status":201}""")]
    [InlineData("""{"id":"ch_1","status":"captured","createdAt":"yesterday"}""")]
    [InlineData("""{"id":5}""")]
    [InlineData("""{"id":"ch_1" """)]
    [InlineData("<html>")]
    [InlineData("")]
    public void A_success_that_is_not_a_charge_is_unknown(string body) =>
        Assert.IsType<ChargeOutcome.Unknown>(ProviderAnswers.ToOutcome(HttpStatusCode.Created, Parse(body), null, Request));

    [Theory]
    [InlineData(400, typeof(ChargeOutcome.Refused))]
    [InlineData(401, typeof(ChargeOutcome.NotExecuted))]
    [InlineData(404, typeof(ChargeOutcome.NotExecuted))]
    [InlineData(408, typeof(ChargeOutcome.Unknown))]
    [InlineData(409, typeof(ChargeOutcome.Unknown))]
    [InlineData(413, typeof(ChargeOutcome.Refused))]
    [InlineData(422, typeof(ChargeOutcome.Refused))]
    [InlineData(429, typeof(ChargeOutcome.NotExecuted))]
    [InlineData(302, typeof(ChargeOutcome.Unknown))]
    [InlineData(500, typeof(ChargeOutcome.Unknown))]
    [InlineData(502, typeof(ChargeOutcome.Unknown))]
    [InlineData(503, typeof(ChargeOutcome.NotExecuted))]
    [InlineData(504, typeof(ChargeOutcome.Unknown))]
    public void Every_status_has_its_outcome(int status, Type expected) =>
        Assert.IsType(expected, ProviderAnswers.ToOutcome((HttpStatusCode)status, null, null, Request));

    [Fact]
    public void A_bare_404_is_not_taken_for_never_charged()
    {
        Assert.IsType<ChargeLookup.Unavailable>(ProviderAnswers.ToLookup(HttpStatusCode.NotFound, null, Request.Reference, Request));
        Assert.IsType<ChargeLookup.NotFound>(
            ProviderAnswers.ToLookup(HttpStatusCode.NotFound, Parse("""{"status":404,"detail":"none"}"""), Request.Reference, Request));
    }

    private static ProviderAnswer? Parse(string body) => ProviderAnswer.Parse(Encoding.UTF8.GetBytes(body));
}
