using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>From Avro's generic records to the orders of our vocabulary, for values whose writer had another schema than ours.</summary>
internal static class OrderMapping
{
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

    public static ValidatedOrder ToValidatedOrder(GenericRecord record) =>
        new(ToOrder(record.Get<GenericRecord>("order")), record.GetTime("validatedAt"));

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
