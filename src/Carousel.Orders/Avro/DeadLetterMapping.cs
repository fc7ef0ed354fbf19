using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>From Avro's generic record to <see cref="DeadLetter"/>, for values whose writer had another schema than ours.</summary>
internal static class DeadLetterMapping
{
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

    private static DeadLetterHeader ToHeader(GenericRecord record) =>
        new(record.Get<string>("name"), record.GetNullable<byte[]>("value"));
}
