using System.ComponentModel;
using System.Text.Json.Serialization;
using Carousel.Gateway.Problems;
using Carousel.Gateway.Status;
using Carousel.Orders;

namespace Carousel.Gateway.Apis;

/// <summary>202: the order is in the log.</summary>
internal sealed record OrderAccepted(string OrderId, string Status);

/// <summary>What became of an order.</summary>
internal sealed record OrderStatusAnswer(
    string OrderId,
    [property: Description("CREATED, VALIDATED, FULFILLED or REJECTED")] string Status,
    [property: Description("Stable code of a rejection")] string? Reason,
    string? Detail,
    DateTime? CreatedAt,
    DateTime? ValidatedAt,
    DateTime? FulfilledAt,
    string? PaymentId)
{
    public static OrderStatusAnswer Of(OrderStatusView view) => new(
        view.OrderId.ToString(), view.Status.Name(), view.Reason, view.Detail, view.CreatedAt, view.ValidatedAt, view.FulfilledAt, view.PaymentId);
}

/// <summary>RFC 9457 problem details.</summary>
internal sealed record ProblemAnswer(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: Description("For invalid-order: every field that is wrong, at most 20")] IReadOnlyList<RuleViolation>? Errors,
    [property: Description("The order's id, where the log didn't say in time whether it has the order")] string? OrderId)
{
    public static ProblemAnswer Of(Problem problem) =>
        new(problem.Type, problem.Title, problem.Status, problem.Detail, problem.Errors, problem.OrderId);
}

/// <summary>One line of a batch's answer.</summary>
internal sealed record BatchLineAnswer(
    [property: Description("Number of the line in the request, from 1")] long Line,
    [property: Description("As POST /orders would have answered")] int Status,
    string? OrderId,
    [property: Description("CREATED, or a later status of an order that was known already")] string? OrderStatus,
    ProblemAnswer? Problem);

internal sealed record HealthAnswer(string Status, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrderAccepted))]
[JsonSerializable(typeof(OrderStatusAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(BatchLineAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
