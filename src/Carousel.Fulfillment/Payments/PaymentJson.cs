using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Carousel.Fulfillment.Payments;

/// <summary>The body of POST /v1/charges. The order of the fields and the form of the amount are part of "identical bytes".</summary>
internal sealed record ChargeBody(string Reference, string OrderId, string Amount, string Currency, string Token);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChargeBody))]
internal sealed partial class PaymentJson : JsonSerializerContext
{
    /// <summary>A function of the request's values and nothing else; 12.3 and 12.30 give the same bytes.</summary>
    public static byte[] Serialize(ChargeRequest request) => JsonSerializer.SerializeToUtf8Bytes(
        new ChargeBody(
            request.Reference, request.OrderId, request.Amount.ToString("0.00", CultureInfo.InvariantCulture), request.Currency, request.Token),
        Default.ChargeBody);
}
