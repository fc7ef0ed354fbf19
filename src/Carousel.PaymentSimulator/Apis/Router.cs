using Carousel.PaymentSimulator.Ledger;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>
/// All routes, by hand: the charge is one string comparison away, with no endpoint metadata, binding or scope made per request.
/// </summary>
internal sealed class Router(ChargeLedger ledger, ChargeApi charges, RefundApi refunds, LedgerApi ledgerApi, FaultsApi faults)
{
    private const string Charges = "/v1/charges";
    private const string RefundSuffix = "/refund";

    private const string Help = """
        There is nothing here. POST /v1/charges, GET /v1/charges?reference=, GET /v1/charges/{id}, POST /v1/charges/{id}/refund,
        GET /v1/ledger, GET /v1/ledger/summary, GET or PUT /faults, GET /health/live, GET /health/ready.
        """;

    public Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (HttpMethods.IsPost(context.Request.Method))
        {
            return path == Charges ? charges.ChargeAsync(context)
                : IdIn(path, RefundSuffix) is { } refunded ? refunds.RefundAsync(context, refunded)
                : NotHereAsync(context);
        }

        if (HttpMethods.IsPut(context.Request.Method))
        {
            return path == "/faults" ? faults.PutAsync(context) : NotHereAsync(context);
        }

        return !HttpMethods.IsGet(context.Request.Method) ? NotHereAsync(context) : path switch
        {
            Charges => charges.FindAsync(context),
            "/v1/ledger" => ledgerApi.StreamAsync(context),
            "/v1/ledger/summary" => ledgerApi.SummaryAsync(context),
            "/faults" => faults.GetAsync(context),
            "/health/live" => Task.CompletedTask,
            "/health/ready" => ReadyAsync(context),
            _ => IdIn(path, "") is { } id ? charges.GetAsync(context, id) : NotHereAsync(context),
        };
    }

    private Task ReadyAsync(HttpContext context) => ledger.IsWritable
        ? Task.CompletedTask
        : Problem.Unavailable.WriteAsync(context, "The ledger can't be written; free the disk and start again.");

    private static Task NotHereAsync(HttpContext context) => Problem.NotFound.WriteAsync(context, Help.ReplaceLineEndings(" "));

    private static string? IdIn(string path, string suffix)
    {
        var isIt = path.StartsWith(Charges + "/", StringComparison.Ordinal)
            && path.EndsWith(suffix, StringComparison.Ordinal)
            && path.Length > Charges.Length + 1 + suffix.Length;
        var id = isIt ? path[(Charges.Length + 1)..^suffix.Length] : null;
        return id?.Contains('/', StringComparison.Ordinal) == true ? null : id;
    }
}
