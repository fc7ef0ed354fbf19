using Avro;
using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>Between the orders of our vocabulary and Avro's generic records, field by field.</summary>
internal static class OrderMapping
{
    private const int AmountScale = 2;
    private const int UnitPriceScale = 4;

    public static GenericRecord ToRecord(Order order, RecordSchema schema)
    {
        var lineSchema = (RecordSchema)((ArraySchema)schema["lines"].Schema).ItemSchema;
        var lines = new object[order.Lines.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            OrderLine line = order.Lines[i];
            var lineRecord = new GenericRecord(lineSchema);
            lineRecord.Add("sku", line.Sku);
            lineRecord.Add("quantity", line.Quantity);
            lineRecord.Add("unitPrice", AvroFields.ToAvro(line.UnitPrice, "unitPrice", UnitPriceScale));
            lines[i] = lineRecord;
        }

        var record = new GenericRecord(schema);
        record.Add("orderId", order.OrderId.ToString());
        record.Add("customerId", order.CustomerId);
        record.Add("status", new GenericEnum((EnumSchema)schema["status"].Schema, order.Status.ToString().ToUpperInvariant()));
        record.Add("currency", order.Currency);
        record.Add("amount", AvroFields.ToAvro(order.Amount, "amount", AmountScale));
        record.Add("lines", lines);
        record.Add("paymentToken", order.PaymentToken);
        record.Add("createdAt", order.CreatedAt);
        return record;
    }

    public static Order ToOrder(GenericRecord record)
    {
        object[] lineRecords = record.Get<object[]>("lines");
        var lines = new OrderLine[lineRecords.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            var line = (GenericRecord)lineRecords[i];
            lines[i] = new OrderLine(line.Get<string>("sku"), line.Get<int>("quantity"), line.GetDecimal("unitPrice"));
        }

        return new Order(
            OrderId.Parse(record.Get<string>("orderId")),
            record.Get<string>("customerId"),
            Enum.Parse<OrderStatus>(record.Get<GenericEnum>("status").Value, ignoreCase: true),
            record.Get<string>("currency"),
            record.GetDecimal("amount"),
            lines,
            record.Get<string>("paymentToken"),
            record.GetTime("createdAt"));
    }

    public static GenericRecord ToRecord(ValidatedOrder validated, RecordSchema schema)
    {
        var record = new GenericRecord(schema);
        record.Add("order", ToRecord(validated.Order, (RecordSchema)schema["order"].Schema));
        record.Add("validatedAt", validated.ValidatedAt);
        return record;
    }

    public static ValidatedOrder ToValidatedOrder(GenericRecord record) =>
        new(ToOrder(record.Get<GenericRecord>("order")), record.GetTime("validatedAt"));

    public static GenericRecord ToRecord(FulfilledOrder fulfilled, RecordSchema schema)
    {
        var payment = new GenericRecord((RecordSchema)schema["payment"].Schema);
        payment.Add("paymentId", fulfilled.Payment.PaymentId);
        payment.Add("amount", AvroFields.ToAvro(fulfilled.Payment.Amount, "payment.amount", AmountScale));
        payment.Add("currency", fulfilled.Payment.Currency);
        payment.Add("chargedAt", fulfilled.Payment.ChargedAt);
        var record = new GenericRecord(schema);
        record.Add("order", ToRecord(fulfilled.Order, (RecordSchema)schema["order"].Schema));
        record.Add("validatedAt", fulfilled.ValidatedAt);
        record.Add("payment", payment);
        record.Add("fulfilledAt", fulfilled.FulfilledAt);
        return record;
    }

    public static FulfilledOrder ToFulfilledOrder(GenericRecord record)
    {
        GenericRecord payment = record.Get<GenericRecord>("payment");
        return new FulfilledOrder(
            ToOrder(record.Get<GenericRecord>("order")),
            record.GetTime("validatedAt"),
            new Payment(payment.Get<string>("paymentId"), payment.GetDecimal("amount"), payment.Get<string>("currency"), payment.GetTime("chargedAt")),
            record.GetTime("fulfilledAt"));
    }
}
