using Avro;

namespace Carousel.Orders.Avro;

/// <summary>Dead letters in Avro's binary encoding, field by field in the order of <c>schemas/DeadLetter.avsc</c>.</summary>
internal static class DeadLetterFormat
{
    public static void Write(DeadLetter letter, BufferEncoder encoder)
    {
        encoder.WriteString(letter.Stage, "stage");
        encoder.WriteLong((int)letter.Category);
        encoder.WriteString(letter.Reason, "reason");
        encoder.WriteString(letter.Detail, "detail");
        encoder.WriteNullable(letter.OrderId, "orderId");
        encoder.WriteLong(letter.Attempts);
        encoder.WriteMicroseconds(letter.FailedAt);
        encoder.WriteString(letter.Topic, "topic");
        encoder.WriteLong(letter.Partition);
        encoder.WriteLong(letter.Offset);
        encoder.WriteMilliseconds(letter.Timestamp);
        encoder.WriteNullable(letter.Key);
        encoder.WriteNullable(letter.Value);
        if (letter.Headers.Count > 0)
        {
            encoder.WriteLong(letter.Headers.Count);
        }

        foreach (DeadLetterHeader header in letter.Headers)
        {
            encoder.WriteString(header.Name, "headers.name");
            encoder.WriteNullable(header.Value);
        }

        encoder.WriteLong(0);
    }

    public static DeadLetter Read(BoundedDecoder decoder) => new(
        decoder.ReadString(),
        ReadCategory(decoder),
        decoder.ReadString(),
        decoder.ReadString(),
        decoder.ReadIsNull() ? null : decoder.ReadString(),
        decoder.ReadInt(),
        decoder.ReadMicroseconds(),
        decoder.ReadString(),
        decoder.ReadInt(),
        decoder.ReadLong(),
        decoder.ReadMilliseconds(),
        decoder.ReadIsNull() ? null : decoder.ReadBytes(),
        decoder.ReadIsNull() ? null : decoder.ReadBytes(),
        ReadHeaders(decoder));

    private static List<DeadLetterHeader> ReadHeaders(BoundedDecoder decoder)
    {
        var headers = new List<DeadLetterHeader>();
        for (long count = decoder.ReadArrayStart(); count != 0; count = decoder.ReadArrayNext())
        {
            for (; count > 0; count--)
            {
                headers.Add(new DeadLetterHeader(decoder.ReadString(), decoder.ReadIsNull() ? null : decoder.ReadBytes()));
            }
        }

        return headers;
    }

    private static DeadLetterCategory ReadCategory(BoundedDecoder decoder)
    {
        var category = (DeadLetterCategory)decoder.ReadEnum();
        return category is >= DeadLetterCategory.Defect and <= DeadLetterCategory.Exhausted
            ? category
            : throw new AvroException($"a dead letter's category can't be {(int)category}");
    }
}
