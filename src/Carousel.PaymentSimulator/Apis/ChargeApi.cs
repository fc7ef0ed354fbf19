using Carousel.PaymentSimulator.Faults;
using Carousel.PaymentSimulator.Ledger;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>
/// POST /v1/charges and the lookups. A charge claims its reference, waits out its latency, is written to the ledger and only then answered;
/// the client's going away stops none of that, as with a real provider.
/// </summary>
internal sealed class ChargeApi(ChargeLedger ledger, FaultState faults, FaultyAnswers answers, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async Task ChargeAsync(HttpContext context)
    {
        if (await RequestBody.ReadAsync(context, ApiJson.Default.ChargeBody) is not { } body)
        {
            return;
        }

        var fate = faults.Draw();
        if (fate.Door != DoorFault.None)
        {
            await answers.TurnAwayAsync(context, fate.Door);
            return;
        }

        if (ChargeParameters.From(body, context.Request.Headers["Idempotency-Key"], out var field, out var error) is not { } charge)
        {
            await Problem.BadRequest.WriteAsync(context, error, field: field);
            return;
        }

        var token = TestToken.Of(charge.Token);
        if (token.Door != DoorFault.None)
        {
            await answers.TurnAwayAsync(context, token.Door);
            return;
        }

        var claim = ledger.Index.Claim(charge.Key);
        await (claim switch
        {
            ReferenceIndex.Claimed => ExecuteAsync(context, charge, fate, token),
            ReferenceIndex.Running => RefuseRunningAsync(context),
            _ => ReplayAsync(context, charge, ledger.Read(claim), fate.Answer),
        });
    }

    public async Task FindAsync(HttpContext context)
    {
        if (await IsTurnedAwayAsync(context))
        {
            return;
        }

        string? reference = context.Request.Query["reference"];
        var error = ChargeParameters.TextError(reference, "reference");
        if (error.Length > 0)
        {
            await Problem.BadRequest.WriteAsync(context, error, field: "reference");
        }
        else if (!ledger.Index.TryGet(Digest.OfReference(reference!), out var ordinal))
        {
            await Problem.NotFound.WriteAsync(context, $"There is no charge with the reference '{reference}'.");
        }
        else if (ordinal == ReferenceIndex.Running)
        {
            // "Not found" would be read as "never charged", and the charge is about to happen.
            await Problem.InProgress.WriteAsync(context, "The charge is being executed; ask again.");
        }
        else
        {
            WriteFound(context, ledger.Read(ordinal));
        }
    }

    public async Task GetAsync(HttpContext context, string id)
    {
        if (await IsTurnedAwayAsync(context))
        {
            return;
        }

        if (ChargeId.TryParse(id, ChargeId.ChargePrefix, ledger.Instance, out var ordinal)
            && ordinal < ledger.Count
            && ledger.Read(ordinal) is { Kind: not LedgerEntryKind.Refunded } charge)
        {
            WriteFound(context, charge);
        }
        else
        {
            await Problem.NotFound.WriteAsync(context, $"There is no charge '{id}'.");
        }
    }

    private async ValueTask<bool> IsTurnedAwayAsync(HttpContext context)
    {
        var fate = faults.Draw();
        if (fate.Door == DoorFault.None)
        {
            return false;
        }

        await answers.TurnAwayAsync(context, fate.Door);
        return true;
    }

    private async Task ExecuteAsync(HttpContext context, ChargeParameters charge, RequestFate fate, TestToken token)
    {
        if (fate.Latency > TimeSpan.Zero)
        {
            await Task.Delay(fate.Latency, time, CancellationToken.None);
        }

        var declineCode = token.DeclineCode ?? (faults.IsDeclined(charge.Key) ? DeclineCodes.CardDeclined : null);
        var append = ledger.TryAppend(new LedgerEntry(
            declineCode is null ? LedgerEntryKind.Captured : LedgerEntryKind.Declined,
            charge.Reference,
            charge.OrderId,
            charge.AmountHundredths,
            charge.Currency,
            declineCode ?? "",
            charge.Fingerprint,
            RefundedOrdinal: 0,
            time.GetUtcNow().ToUnixTimeMilliseconds()));
        if (append is null)
        {
            ledger.Index.Release(charge.Key);
            await Problem.Unavailable.WriteAsync(context, "The ledger can't take more now; nothing was executed.", RetryAfter);
            return;
        }

        LedgerEntry entry;
        try
        {
            entry = await append;
        }
        catch (PaymentSimulatorException e)
        {
            await Problem.Failed.WriteAsync(context, e.Message);
            return;
        }

        var fault = token.Answer != AnswerFault.None ? token.Answer : fate.Answer;
        await AnswerAsync(context, entry, fault, isReplay: false);
    }

    private Task RefuseRunningAsync(HttpContext context)
    {
        ledger.CountDuplicate();
        return Problem.InProgress.WriteAsync(context, "The first call under this key is still running; nothing else was executed.");
    }

    private Task ReplayAsync(HttpContext context, ChargeParameters charge, LedgerEntry entry, AnswerFault fault)
    {
        if (!string.Equals(entry.Reference, charge.Reference, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The digest of '{charge.Reference}' leads to '{entry.Reference}': the index is broken.");
        }

        if (entry.Fingerprint != charge.Fingerprint)
        {
            return Problem.KeyReused.WriteAsync(
                context, "The first call under this key had another orderId, amount, currency or token; nothing else was executed.");
        }

        ledger.CountDuplicate();
        return AnswerAsync(context, entry, fault, isReplay: true);
    }

    private Task AnswerAsync(HttpContext context, LedgerEntry entry, AnswerFault fault, bool isReplay)
    {
        if (fault != AnswerFault.None)
        {
            return answers.LoseAsync(context, fault);
        }

        var response = context.Response;
        response.StatusCode = entry.Kind == LedgerEntryKind.Declined ? 402 : isReplay ? 200 : 201;
        response.ContentType = "application/json";
        if (isReplay)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        EntryJson.WriteCharge(response.BodyWriter, ledger.Instance, entry);
        return Task.CompletedTask;
    }

    private void WriteFound(HttpContext context, LedgerEntry charge)
    {
        var refund = ledger.Index.TryGet(Digest.OfRefundedCharge(charge.Ordinal), out var ordinal) && ordinal >= 0 ? ledger.Read(ordinal) : null;
        context.Response.ContentType = "application/json";
        EntryJson.WriteCharge(context.Response.BodyWriter, ledger.Instance, charge, refund);
    }
}
