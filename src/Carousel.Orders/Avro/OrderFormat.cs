using Avro;

namespace Carousel.Orders.Avro;

/// <summary>Orders in Avro's binary encoding, field by field in the order of <c>schemas/*.avsc</c>.</summary>
internal static class OrderFormat
{
    public static void Write(Order order, BufferEncoder encoder)
    {
        encoder.WriteString(order.OrderId.ToString(), "orderId");
        encoder.WriteString(order.CustomerId, "customerId");
        encoder.WriteLong((int)order.Status);
        encoder.WriteString(order.Currency, "currency");
        encoder.WriteDecimal(order.Amount, "amount", AvroFields.AmountScale);
        WriteLines(order.Lines, encoder);
        encoder.WriteString(order.PaymentToken, "paymentToken");
        encoder.WriteMicroseconds(order.CreatedAt);
    }

    public static Order ReadOrder(BoundedDecoder decoder) => new(
        OrderId.Parse(decoder.ReadString()),
        decoder.ReadString(),
        ReadStatus(decoder),
        decoder.ReadString(),
        decoder.ReadDecimal("amount", AvroFields.AmountScale),
        ReadLines(decoder),
        decoder.ReadString(),
        decoder.ReadMicroseconds());

    public static void Write(ValidatedOrder validated, BufferEncoder encoder)
    {
        Write(validated.Order, encoder);
        encoder.WriteMicroseconds(validated.ValidatedAt);
    }

    public static ValidatedOrder ReadValidated(BoundedDecoder decoder) => new(ReadOrder(decoder), decoder.ReadMicroseconds());

    public static void Write(FulfilledOrder fulfilled, BufferEncoder encoder)
    {
        Write(fulfilled.Order, encoder);
        encoder.WriteMicroseconds(fulfilled.ValidatedAt);
        encoder.WriteString(fulfilled.Payment.PaymentId, "payment.paymentId");
        encoder.WriteDecimal(fulfilled.Payment.Amount, "payment.amount", AvroFields.AmountScale);
        encoder.WriteString(fulfilled.Payment.Currency, "payment.currency");
        encoder.WriteMicroseconds(fulfilled.Payment.ChargedAt);
        encoder.WriteMicroseconds(fulfilled.FulfilledAt);
    }

    public static FulfilledOrder ReadFulfilled(BoundedDecoder decoder) => new(
        ReadOrder(decoder),
        decoder.ReadMicroseconds(),
        new Payment(decoder.ReadString(), decoder.ReadDecimal("payment.amount", AvroFields.AmountScale), decoder.ReadString(), decoder.ReadMicroseconds()),
        decoder.ReadMicroseconds());

    /// <summary>One block of lines, and the empty one that ends the array.</summary>
    private static void WriteLines(IReadOnlyList<OrderLine> lines, BufferEncoder encoder)
    {
        if (lines.Count > 0)
        {
            encoder.WriteLong(lines.Count);
        }

        for (int i = 0; i < lines.Count; i++)
        {
            encoder.WriteString(lines[i].Sku, "sku");
            encoder.WriteLong(lines[i].Quantity);
            encoder.WriteDecimal(lines[i].UnitPrice, "unitPrice", AvroFields.UnitPriceScale);
        }

        encoder.WriteLong(0);
    }

    private static List<OrderLine> ReadLines(BoundedDecoder decoder)
    {
        var lines = new List<OrderLine>();
        for (long count = decoder.ReadArrayStart(); count != 0; count = decoder.ReadArrayNext())
        {
            for (; count > 0; count--)
            {
                lines.Add(new OrderLine(decoder.ReadString(), decoder.ReadInt(), decoder.ReadDecimal("unitPrice", AvroFields.UnitPriceScale)));
            }
        }

        return lines;
    }

    private static OrderStatus ReadStatus(BoundedDecoder decoder)
    {
        var status = (OrderStatus)decoder.ReadEnum();
        return status is >= OrderStatus.Created and <= OrderStatus.Rejected ? status : throw new AvroException($"an order's status can't be {(int)status}");
    }
}
