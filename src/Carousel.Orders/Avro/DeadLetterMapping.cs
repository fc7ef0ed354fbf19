using Avro;
using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>Between <see cref="DeadLetter"/> and Avro's generic record.</summary>
internal static class DeadLetterMapping
{
    public static GenericRecord ToRecord(DeadLetter letter, RecordSchema schema)
    {
        var headerSchema = (RecordSchema)((ArraySchema)schema["headers"].Schema).ItemSchema;
        var record = new GenericRecord(schema);
        record.Add("stage", letter.Stage);
        record.Add("category", new GenericEnum((EnumSchema)schema["category"].Schema, letter.Category.ToString().ToUpperInvariant()));
        record.Add("reason", letter.Reason);
        record.Add("detail", letter.Detail);
        record.Add("orderId", letter.OrderId);
        record.Add("attempts", letter.Attempts);
        record.Add("failedAt", letter.FailedAt);
        record.Add("topic", letter.Topic);
        record.Add("partition", letter.Partition);
        record.Add("offset", letter.Offset);
        record.Add("timestamp", letter.Timestamp);
        record.Add("key", letter.Key);
        record.Add("value", letter.Value);
        record.Add("headers", letter.Headers.Select(header => ToRecord(header, headerSchema)).ToArray<object>());
        return record;
    }

    public static DeadLetter ToDeadLetter(GenericRecord record) => new(
        record.Get<string>("stage"),
        Enum.Parse<DeadLetterCategory>(record.Get<GenericEnum>("category").Value, ignoreCase: true),
        record.Get<string>("reason"),
        record.Get<string>("detail"),
        record.GetNullable<string>("orderId"),
        record.Get<int>("attempts"),
        record.GetTime("failedAt"),
        record.Get<string>("topic"),
        record.Get<int>("partition"),
        record.Get<long>("offset"),
        record.GetTime("timestamp"),
        record.GetNullable<byte[]>("key"),
        record.GetNullable<byte[]>("value"),
        [.. record.Get<object[]>("headers").Cast<GenericRecord>().Select(ToHeader)]);

    private static GenericRecord ToRecord(DeadLetterHeader header, RecordSchema schema)
    {
        var record = new GenericRecord(schema);
        record.Add("name", header.Name);
        record.Add("value", header.Value);
        return record;
    }

    private static DeadLetterHeader ToHeader(GenericRecord record) =>
        new(record.Get<string>("name"), record.GetNullable<byte[]>("value"));
}
