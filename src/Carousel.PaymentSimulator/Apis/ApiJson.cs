using System.Text.Json;
using System.Text.Json.Serialization;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>The body of POST /v1/charges as it comes in; every field is checked by <see cref="ChargeParameters"/>.</summary>
internal sealed record ChargeBody(string? Reference, string? OrderId, string? Amount, string? Currency, string? Token);

internal sealed record LatencyPatch(string? Distribution, double? MedianMs, double? Sigma);

internal sealed record OutagePatch(string? Mode, double? ForSeconds);

/// <summary>The body of PUT /faults: what is absent stays as it is.</summary>
internal sealed record FaultPatch(
    long? Seed,
    LatencyPatch? Latency,
    double? DeclineRate,
    double? TimeoutAfterChargeRate,
    double? ErrorAfterChargeRate,
    double? ErrorBeforeChargeRate,
    double? RateLimitRate,
    double? UnavailableRate,
    double? ResetBeforeRate,
    double? ResetAfterRate,
    OutagePatch? Outage);

internal sealed record LatencyView(string Distribution, double MedianMs, double Sigma);

internal sealed record OutageView(string Mode, double ForSeconds);

internal sealed record FaultView(
    long Seed,
    LatencyView Latency,
    double DeclineRate,
    double TimeoutAfterChargeRate,
    double ErrorAfterChargeRate,
    double ErrorBeforeChargeRate,
    double RateLimitRate,
    double UnavailableRate,
    double ResetBeforeRate,
    double ResetAfterRate,
    OutageView Outage);

internal sealed record TallyView(long Count, string Sum);

internal sealed record CurrencyView(string Currency, TallyView Captured, TallyView Declined, TallyView Refunded);

/// <param name="DuplicatesPrevented">Replays and calls refused with 409 since the process started; it isn't in the ledger.</param>
internal sealed record SummaryView(int Entries, long DuplicatesPrevented, IReadOnlyList<CurrencyView> Currencies);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChargeBody))]
[JsonSerializable(typeof(FaultView))]
[JsonSerializable(typeof(SummaryView))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>A misspelt fault would silently not happen, so unknown fields are errors here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FaultPatch))]
internal sealed partial class StrictApiJson : JsonSerializerContext;
