using System.Globalization;
using System.Net;

namespace Carousel.Fulfillment.Payments;

/// <summary>Turns a provider's answer into an outcome. Pure; every status code has its line here.</summary>
internal static class ProviderAnswers
{
    /// <param name="answer">Null when the body wasn't JSON.</param>
    public static ChargeOutcome ToOutcome(
        HttpStatusCode status, ProviderAnswer? answer, TimeSpan? retryAfter, ChargeRequest request)
    {
        if ((int)status is 200 or 201 or 402 && answer is not null && Charge(answer, request.Reference, request) is { } charge)
        {
            return charge;
        }

        var said = Said(status, answer);
        switch ((int)status)
        {
            case 400 or 413 or 415 or 422:
                return new ChargeOutcome.Refused(said);
            case 409:
                return new ChargeOutcome.Unknown(said, retryAfter, IsInProgress: true);
            case 429:
                return new ChargeOutcome.NotExecuted(said, retryAfter, IsProviderDown: false);
            case 503:
                return new ChargeOutcome.NotExecuted(said, retryAfter, IsProviderDown: true);
            case 401 or 403 or 404 or 405:
                // Our credentials or address are wrong, for every order alike: wait for a person rather than park orders.
                return new ChargeOutcome.NotExecuted(said + " Check the payment endpoint and its credentials.", retryAfter, IsProviderDown: true);
            default:
                return new ChargeOutcome.Unknown(said, retryAfter);
        }
    }

    public static ChargeLookup ToLookup(HttpStatusCode status, ProviderAnswer? answer, string reference, ChargeRequest? request)
    {
        if (status == HttpStatusCode.OK && answer is not null)
        {
            if (answer.Status == "refunded")
            {
                return new ChargeLookup.Found(new ChargeOutcome.Refused($"The charge {answer.Id} was refunded; it is neither charged again nor fulfilled."));
            }

            if (Charge(answer, reference, request) is { } outcome)
            {
                return new ChargeLookup.Found(outcome);
            }
        }

        // A bare 404 may come from a wrong address or a proxy; only the provider's own problem says that the reference is unknown.
        return status == HttpStatusCode.NotFound && answer?.Detail is not null
            ? new ChargeLookup.NotFound()
            : new ChargeLookup.Unavailable(Said(status, answer), (int)status is 401 or 403 or 404 or 405 or 503);
    }

    /// <returns>Null when the answer isn't a charge that is over.</returns>
    private static ChargeOutcome? Charge(ProviderAnswer answer, string reference, ChargeRequest? request)
    {
        if (answer.Status is not ("captured" or "declined") || answer.Id is null)
        {
            return null;
        }

        if (!decimal.TryParse(answer.Amount, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            || !string.Equals(answer.Reference, reference, StringComparison.Ordinal)
            || (request is not null && (amount != request.Amount || !string.Equals(answer.Currency, request.Currency, StringComparison.Ordinal))))
        {
            throw new PaymentContractException(
                $"The provider was asked for {request?.ToString() ?? reference} and answered with {answer.Id}: {answer.Reference} ({answer.Amount} {answer.Currency}). Nothing may go on before this is explained.");
        }

        return answer.Status == "declined"
            ? new ChargeOutcome.Declined(answer.Code ?? "declined", answer.Message ?? "The card was declined.")
            : answer.CreatedAt is { } at ? new ChargeOutcome.Captured(answer.Id, at, amount, answer.Currency ?? "") : null;
    }

    private static string Said(HttpStatusCode status, ProviderAnswer? answer) =>
        answer?.Detail is { } detail ? $"The provider answered {(int)status}: {detail}" : $"The provider answered {(int)status}.";
}
