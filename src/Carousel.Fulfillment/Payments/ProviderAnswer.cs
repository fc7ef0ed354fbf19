using System.Text.Json;

namespace Carousel.Fulfillment.Payments;

/// <summary>A charge or a problem, as the provider answers; which fields are there depends on the status code.</summary>
internal sealed class ProviderAnswer
{
    public string? Id { get; private set; }

    public string? Reference { get; private set; }

    public string? Amount { get; private set; }

    public string? Currency { get; private set; }

    /// <summary>Of a charge; the number that a problem has under this name is the status code once more, and is left out.</summary>
    public string? Status { get; private set; }

    public DateTimeOffset? CreatedAt { get; private set; }

    public string? Code { get; private set; }

    public string? Message { get; private set; }

    public string? Detail { get; private set; }

    /// <summary>By hand, because "status" is a text in a charge and a number in a problem. Other fields are skipped.</summary>
    /// <returns>Null when the body isn't one JSON object, or a field has the wrong type.</returns>
    public static ProviderAnswer? Parse(ReadOnlySpan<byte> body)
    {
        var json = new Utf8JsonReader(body);
        var answer = new ProviderAnswer();
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                answer.TakeField(ref json);
            }

            return json.Read() ? null : answer;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private void TakeField(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("id"u8))
        {
            Id = Text(ref json);
        }
        else if (json.ValueTextEquals("reference"u8))
        {
            Reference = Text(ref json);
        }
        else if (json.ValueTextEquals("amount"u8))
        {
            Amount = Text(ref json);
        }
        else if (json.ValueTextEquals("currency"u8))
        {
            Currency = Text(ref json);
        }
        else if (json.ValueTextEquals("status"u8))
        {
            json.Read();
            Status = json.TokenType == JsonTokenType.String ? json.GetString() : null;
            json.Skip();
        }
        else if (json.ValueTextEquals("createdAt"u8))
        {
            json.Read();
            CreatedAt = json.GetDateTimeOffset();
        }
        else if (json.ValueTextEquals("code"u8))
        {
            Code = Text(ref json);
        }
        else if (json.ValueTextEquals("message"u8))
        {
            Message = Text(ref json);
        }
        else if (json.ValueTextEquals("detail"u8))
        {
            Detail = Text(ref json);
        }
        else
        {
            json.Read();
            json.Skip();
        }
    }

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString();
    }
}
