using System.Text.Json;
using Carousel.PaymentSimulator.Faults;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>GET and PUT /faults. PUT changes what it names and leaves the rest; a refused PUT changes nothing.</summary>
internal sealed class FaultsApi(FaultState faults)
{
    private const double OutageSecondsMax = 3600;

    public Task GetAsync(HttpContext context)
    {
        var settings = faults.Settings;
        var outage = faults.CurrentOutage;
        var view = new FaultView(
            settings.Seed,
            new LatencyView(Name(settings.Latency.Distribution), settings.Latency.MedianMs, settings.Latency.Sigma),
            settings.DeclineRate,
            settings.TimeoutAfterChargeRate,
            settings.ErrorAfterChargeRate,
            settings.ErrorBeforeChargeRate,
            settings.RateLimitRate,
            settings.UnavailableRate,
            settings.ResetBeforeRate,
            settings.ResetAfterRate,
            new OutageView(Name(outage?.Mode ?? OutageMode.None), Math.Round(outage?.Left.TotalSeconds ?? 0, 3)));
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, view, ApiJson.Default.FaultView, context.RequestAborted);
    }

    public async Task PutAsync(HttpContext context)
    {
        if (await RequestBody.ReadAsync(context, StrictApiJson.Default.FaultPatch) is not { } patch)
        {
            return;
        }

        if (!TryDistribution(patch.Latency?.Distribution, out var distribution))
        {
            await RefuseAsync(context, "latency.distribution", "latency.distribution must be none, fixed or lognormal.");
            return;
        }

        if (!TryOutage(patch.Outage, out var outage, out var field, out var error))
        {
            await RefuseAsync(context, field, error);
            return;
        }

        var errors = await faults.ChangeAsync(settings => Apply(settings, patch, distribution), outage, context.RequestAborted);
        if (errors.Count > 0)
        {
            await RefuseAsync(context, errors.Keys.First(), string.Join(' ', errors.Values));
            return;
        }

        await GetAsync(context);
    }

    private static Task RefuseAsync(HttpContext context, string field, string error) =>
        Problem.BadRequest.WriteAsync(context, error, field: field);

    private static FaultSettings Apply(FaultSettings current, FaultPatch patch, LatencyDistribution? distribution) => new()
    {
        Seed = patch.Seed ?? current.Seed,
        Latency = new LatencySettings
        {
            Distribution = distribution ?? current.Latency.Distribution,
            MedianMs = patch.Latency?.MedianMs ?? current.Latency.MedianMs,
            Sigma = patch.Latency?.Sigma ?? current.Latency.Sigma,
        },
        DeclineRate = patch.DeclineRate ?? current.DeclineRate,
        TimeoutAfterChargeRate = patch.TimeoutAfterChargeRate ?? current.TimeoutAfterChargeRate,
        ErrorAfterChargeRate = patch.ErrorAfterChargeRate ?? current.ErrorAfterChargeRate,
        ErrorBeforeChargeRate = patch.ErrorBeforeChargeRate ?? current.ErrorBeforeChargeRate,
        RateLimitRate = patch.RateLimitRate ?? current.RateLimitRate,
        UnavailableRate = patch.UnavailableRate ?? current.UnavailableRate,
        ResetBeforeRate = patch.ResetBeforeRate ?? current.ResetBeforeRate,
        ResetAfterRate = patch.ResetAfterRate ?? current.ResetAfterRate,
    };

    private static bool TryDistribution(string? name, out LatencyDistribution? distribution)
    {
        distribution = name switch
        {
            "none" => LatencyDistribution.None,
            "fixed" => LatencyDistribution.Fixed,
            "lognormal" => LatencyDistribution.LogNormal,
            _ => null,
        };
        return name is null || distribution is not null;
    }

    private static bool TryOutage(
        OutagePatch? patch, out (OutageMode Mode, TimeSpan Duration)? outage, out string field, out string error)
    {
        outage = null;
        (field, error) = ("", "");
        if (patch is null)
        {
            return true;
        }

        OutageMode? mode = patch.Mode switch
        {
            "none" => OutageMode.None,
            "refuse" => OutageMode.Refuse,
            "503" => OutageMode.Unavailable,
            "hang" => OutageMode.Hang,
            _ => null,
        };
        if (mode is null)
        {
            (field, error) = ("outage.mode", "outage.mode must be none, refuse, 503 or hang.");
        }
        else if (mode != OutageMode.None && patch.ForSeconds is not (> 0 and <= OutageSecondsMax))
        {
            (field, error) = ("outage.forSeconds", $"outage.forSeconds must be above 0 and at most {OutageSecondsMax}.");
        }
        else
        {
            outage = (mode.Value, TimeSpan.FromSeconds(mode == OutageMode.None ? 0 : patch.ForSeconds!.Value));
        }

        return error.Length == 0;
    }

    private static string Name(LatencyDistribution distribution) => distribution switch
    {
        LatencyDistribution.None => "none",
        LatencyDistribution.Fixed => "fixed",
        _ => "lognormal",
    };

    private static string Name(OutageMode mode) => mode switch
    {
        OutageMode.Refuse => "refuse",
        OutageMode.Unavailable => "503",
        OutageMode.Hang => "hang",
        _ => "none",
    };
}
