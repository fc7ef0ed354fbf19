using System.Text;
using System.Text.Json;
using Carousel.Registry.Schemas;
using Carousel.Registry.Server.Log;

namespace Carousel.Registry.Tests;

public sealed class SchemasRecordCodecTests
{
    // The layouts of Confluent's topic, byte for byte: another registry finds records by the exact bytes of their key.
    [Fact]
    public void A_schema_is_written_as_Confluent_writes_it()
    {
        var value = new SchemaValue("s", 2, 7, null, [new SchemaReference("n.R", "r", 1)], "\"string\"", Deleted: false);

        Pin(
            SchemasRecordCodec.EncodeSchema("s", 2, value),
            """{"keytype":"SCHEMA","subject":"s","version":2,"magic":1}""",
            """{"subject":"s","version":2,"id":7,"references":[{"name":"n.R","subject":"r","version":1}],"schema":"\"string\"","deleted":false}""");
        Pin(SchemasRecordCodec.EncodeSchema("s", 2, null), """{"keytype":"SCHEMA","subject":"s","version":2,"magic":1}""", null);
    }

    [Fact]
    public void The_other_records_are_written_as_Confluent_writes_them()
    {
        Pin(new SchemasRecord.ConfigWritten(null, "FULL"), """{"keytype":"CONFIG","subject":null,"magic":0}""", """{"compatibilityLevel":"FULL"}""");
        Pin(new SchemasRecord.ConfigWritten("s", null), """{"keytype":"CONFIG","subject":"s","magic":0}""", null);
        Pin(new SchemasRecord.ModeWritten("s", "IMPORT"), """{"keytype":"MODE","subject":"s","magic":0}""", """{"mode":"IMPORT"}""");
        Pin(new SchemasRecord.SubjectDeleted("s", 3), """{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}""", """{"subject":"s","version":3}""");
        Pin(new SchemasRecord.HighestIdNoted(9), """{"keytype":"NOOP","magic":0}""", """{"highestId":9}""");
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        SchemasRecord[] records =
        [
            new SchemasRecord.ConfigWritten(null, "FULL"),
            new SchemasRecord.ModeWritten("s", "READONLY"),
            new SchemasRecord.SubjectDeleted("s", 3),
            new SchemasRecord.HighestIdNoted(9),
        ];

        Assert.Equal(records, records.Select(each => SchemasRecordCodec.Decode(SchemasRecordCodec.Encode(each))));
    }

    [Fact]
    public void Records_of_other_registries_are_read()
    {
        // Karapace puts the key type last; older Confluent versions wrote magic 0 and no "deleted".
        var read = Assert.IsType<SchemasRecord.SchemaWritten>(Decode(
            """{"subject":"s","version":1,"magic":0,"keytype":"SCHEMA"}""", """{"subject":"s","version":1,"id":21,"schema":"\"string\"","md5":"x"}"""));
        Assert.Equal(21, read.Value!.Id);
        Assert.False(read.Value.Deleted);
        Assert.IsType<SchemasRecord.Nothing>(Decode("""{"keytype":"NOOP","magic":0}""", null));
        Assert.IsType<SchemasRecord.Nothing>(Decode("""{"keytype":"CONTEXT","tenant":"t","context":"c","magic":0}""", "{}"));
        Assert.ThrowsAny<JsonException>(() => Decode("not json", null));
        Assert.ThrowsAny<JsonException>(() => Decode("""{"keytype":"SCHEMA","subject":"s","version":"x"}""", null));
    }

    private static SchemasRecord Decode(string key, string? value)
    {
        return SchemasRecordCodec.Decode(new LogEntry(Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value)));
    }

    private static void Pin(SchemasRecord record, string key, string? value)
    {
        Pin(SchemasRecordCodec.Encode(record), key, value);
    }

    private static void Pin(LogEntry entry, string key, string? value)
    {
        Assert.Equal(key, Encoding.UTF8.GetString(entry.Key));
        Assert.Equal(value, entry.Value is null ? null : Encoding.UTF8.GetString(entry.Value));
    }
}
