using Carousel.PaymentSimulator.Faults;
using Carousel.PaymentSimulator.Ledger;
using Microsoft.AspNetCore.Http;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>POST /v1/charges/{id}/refund: the whole amount, once per charge, recorded and replayed by Idempotency-Key.</summary>
internal sealed class RefundApi(ChargeLedger ledger, FaultState faults, FaultyAnswers answers, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async Task RefundAsync(HttpContext context, string chargeId)
    {
        var fate = faults.Draw();
        if (fate.Door != DoorFault.None)
        {
            await answers.TurnAwayAsync(context, fate.Door);
            return;
        }

        string? key = context.Request.Headers["Idempotency-Key"];
        var error = ChargeParameters.TextError(key, "Idempotency-Key");
        if (error.Length > 0)
        {
            await Problem.BadRequest.WriteAsync(context, error, field: "Idempotency-Key");
            return;
        }

        if (!ChargeId.TryParse(chargeId, ChargeId.ChargePrefix, ledger.Instance, out var ordinal)
            || ordinal >= ledger.Count
            || ledger.Read(ordinal) is not { Kind: not LedgerEntryKind.Refunded } charge)
        {
            await Problem.NotFound.WriteAsync(context, $"There is no charge '{chargeId}'.");
            return;
        }

        var keyDigest = Digest.OfRefundKey(key!);
        var known = ledger.Index.Claim(keyDigest);
        await (known switch
        {
            ReferenceIndex.Claimed => ExecuteAsync(context, charge, key!, keyDigest, fate),
            ReferenceIndex.Running => Problem.InProgress.WriteAsync(context, "The first refund under this key is still running."),
            _ => ReplayAsync(context, charge, ledger.Read(known), fate),
        });
    }

    private async Task ExecuteAsync(HttpContext context, LedgerEntry charge, string key, UInt128 keyDigest, RequestFate fate)
    {
        var chargeDigest = Digest.OfRefundedCharge(charge.Ordinal);
        if (charge.Kind != LedgerEntryKind.Captured || ledger.Index.Claim(chargeDigest) != ReferenceIndex.Claimed)
        {
            ledger.Index.Release(keyDigest);
            await Problem.NotRefundable.WriteAsync(context, charge.Kind == LedgerEntryKind.Captured
                ? "It was refunded under another Idempotency-Key."
                : "It was declined, so no money moved.");
            return;
        }

        var append = ledger.TryAppend(charge with
        {
            Kind = LedgerEntryKind.Refunded,
            Detail = key,
            RefundedOrdinal = charge.Ordinal,
            AtUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });
        if (append is null)
        {
            ledger.Index.Release(chargeDigest);
            ledger.Index.Release(keyDigest);
            await Problem.Unavailable.WriteAsync(context, "The ledger can't take more now; nothing was executed.", RetryAfter);
            return;
        }

        LedgerEntry refund;
        try
        {
            refund = await append;
        }
        catch (PaymentSimulatorException e)
        {
            await Problem.Failed.WriteAsync(context, e.Message);
            return;
        }

        await AnswerAsync(context, refund, fate, isReplay: false);
    }

    private Task ReplayAsync(HttpContext context, LedgerEntry charge, LedgerEntry refund, RequestFate fate)
    {
        if (refund.RefundedOrdinal != charge.Ordinal)
        {
            return Problem.KeyReused.WriteAsync(context, "This key refunded another charge.");
        }

        ledger.CountDuplicate();
        return AnswerAsync(context, refund, fate, isReplay: true);
    }

    private Task AnswerAsync(HttpContext context, LedgerEntry refund, RequestFate fate, bool isReplay)
    {
        if (fate.Answer != AnswerFault.None)
        {
            return answers.LoseAsync(context, fate.Answer);
        }

        context.Response.ContentType = "application/json";
        if (isReplay)
        {
            context.Response.Headers["Idempotent-Replayed"] = "true";
        }

        EntryJson.WriteRefund(context.Response.BodyWriter, ledger.Instance, refund);
        return Task.CompletedTask;
    }
}
