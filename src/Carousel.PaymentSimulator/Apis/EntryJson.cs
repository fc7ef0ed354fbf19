using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Carousel.PaymentSimulator.Faults;
using Carousel.PaymentSimulator.Ledger;

namespace Carousel.PaymentSimulator.Apis;

/// <summary>Writes ledger entries as the API shows them. One writer per thread, because this runs for every charge.</summary>
internal static class EntryJson
{
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>The answer to a charge, captured or declined; the same bytes for every replay.</summary>
    public static void WriteCharge(IBufferWriter<byte> target, uint instance, LedgerEntry charge, LedgerEntry? refund = null)
    {
        var json = Begin(target);
        json.WriteStartObject();
        json.WriteString("id"u8, ChargeId.Format(ChargeId.ChargePrefix, instance, charge.Ordinal));
        WriteMoney(json, charge);
        json.WriteString("status"u8, refund is not null ? "refunded"u8 : charge.Kind == LedgerEntryKind.Captured ? "captured"u8 : "declined"u8);
        if (charge.Kind == LedgerEntryKind.Declined)
        {
            json.WriteString("code"u8, charge.Detail);
            json.WriteString("message"u8, DeclineCodes.MessageOf(charge.Detail));
        }

        if (refund is not null)
        {
            json.WriteString("refundId"u8, ChargeId.Format(ChargeId.RefundPrefix, instance, refund.Ordinal));
        }

        json.WriteString("createdAt"u8, Time(charge));
        End(json);
    }

    public static void WriteRefund(IBufferWriter<byte> target, uint instance, LedgerEntry refund)
    {
        var json = Begin(target);
        json.WriteStartObject();
        json.WriteString("id"u8, ChargeId.Format(ChargeId.RefundPrefix, instance, refund.Ordinal));
        json.WriteString("chargeId"u8, ChargeId.Format(ChargeId.ChargePrefix, instance, refund.RefundedOrdinal));
        WriteMoney(json, refund);
        json.WriteString("status"u8, "refunded"u8);
        json.WriteString("createdAt"u8, Time(refund));
        End(json);
    }

    /// <summary>One line of GET /v1/ledger, without its line end.</summary>
    public static void WriteLine(IBufferWriter<byte> target, uint instance, LedgerEntry entry)
    {
        var isRefund = entry.Kind == LedgerEntryKind.Refunded;
        var json = Begin(target);
        json.WriteStartObject();
        json.WriteNumber("sequence"u8, entry.Ordinal);
        json.WriteString("kind"u8, entry.Kind switch
        {
            LedgerEntryKind.Captured => "captured"u8,
            LedgerEntryKind.Declined => "declined"u8,
            _ => "refunded"u8,
        });
        json.WriteString("id"u8, ChargeId.Format(isRefund ? ChargeId.RefundPrefix : ChargeId.ChargePrefix, instance, entry.Ordinal));
        if (isRefund)
        {
            json.WriteString("chargeId"u8, ChargeId.Format(ChargeId.ChargePrefix, instance, entry.RefundedOrdinal));
        }

        WriteMoney(json, entry);
        if (entry.Kind == LedgerEntryKind.Declined)
        {
            json.WriteString("code"u8, entry.Detail);
        }

        json.WriteString("at"u8, Time(entry));
        End(json);
    }

    public static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static Utf8JsonWriter Begin(IBufferWriter<byte> target)
    {
        if (_writer is null)
        {
            return _writer = new Utf8JsonWriter(target);
        }

        _writer.Reset(target);
        return _writer;
    }

    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteMoney(Utf8JsonWriter json, LedgerEntry entry)
    {
        json.WriteString("reference"u8, entry.Reference);
        json.WriteString("orderId"u8, entry.OrderId);
        json.WriteString("amount"u8, Money(entry.Amount));
        json.WriteString("currency"u8, entry.Currency);
    }

    private static DateTime Time(LedgerEntry entry) => DateTimeOffset.FromUnixTimeMilliseconds(entry.AtUnixMs).UtcDateTime;
}
