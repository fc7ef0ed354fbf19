using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Carousel.Orders;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Carousel.Gateway.Apis;

/// <summary>An order in JSON, for the OpenAPI document; requests are read by <see cref="Intake.OrderJson"/>.</summary>
[Description("An order. Fields not named here are refused.")]
internal sealed record OrderBody(
    [property: Description("1 to 64 printable ASCII characters")] string CustomerId,
    [property: Description("ISO 4217 code, such as GBP")] string Currency,
    [property: MinLength(1), MaxLength(OrderRules.LinesMax)] IReadOnlyList<OrderLineBody> Lines,
    [property: Description("Token of the payment instrument, 1 to 255 printable ASCII characters; a card number is refused")] string PaymentToken)
{
    [Description("Sum of quantity × unitPrice, rounded half away from zero to 2 decimals, as a decimal in a string (a number is read too). Computed when absent, refused when different.")]
    public string? Amount { get; init; }
}

internal sealed record OrderLineBody(
    [property: Description("1 to 64 printable ASCII characters")] string Sku,
    [property: Range(1, int.MaxValue)] int Quantity,
    [property: Description("A decimal in a string with at most 4 decimals, such as \"2.55\" (a number is read too)")] string UnitPrice);

/// <summary>What the OpenAPI document says beyond what routes tell by themselves.</summary>
internal static class OrderDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Carousel order gateway",
                Version = "v1",
                Description = "Takes orders and tells what became of them. Errors are RFC 9457 problem details with a stable type urn:carousel:problem:*.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Components.SecuritySchemes["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key" };
            return Task.CompletedTask;
        });
    }

    public static void WithIdempotencyKey(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "Idempotency-Key",
            In = ParameterLocation.Header,
            Description = "1 to 255 printable ASCII characters; one key stands for one order, however often it is sent",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
        });
    }

    /// <summary>Described here and not by Accepts, which would make routing refuse other media types before anybody asked who calls.</summary>
    public static async Task WithBodyAsync(
        OpenApiOperation operation, string mediaType, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        OpenApiSchema schema = await context.GetOrCreateSchemaAsync(typeof(OrderBody), parameterDescription: null, cancellationToken);
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { [mediaType] = new() { Schema = schema } },
        };
    }

    public static Task WithOrderIdAsync(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "id",
            In = ParameterLocation.Path,
            Required = true,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [JsonValue.Create("ord-06EXAMPLE00000000000000000")!] },
        });
        return Task.CompletedTask;
    }

    /// <summary>A response is as its description says: 503 and 429 carry Retry-After.</summary>
    public static void WithProblems(OpenApiOperation operation)
    {
        foreach ((string status, IOpenApiResponse response) in operation.Responses ?? [])
        {
            if (status is "429" or "503" && response is OpenApiResponse problem)
            {
                problem.Headers ??= new Dictionary<string, IOpenApiHeader>();
                problem.Headers["Retry-After"] = new OpenApiHeader { Description = "Seconds", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } };
            }
        }
    }
}
