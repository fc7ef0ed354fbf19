using Carousel.Registry.Schemas;

namespace Carousel.Registry.Tests;

public sealed class SchemaJsonTests
{
    private const string Order = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"string"}]}""";

    [Theory]
    [InlineData("""{ "type" : "record", "name":"Order",  "namespace":"shop", "fields":[ {"name":"id", "type":"string"} ] }""")]
    [InlineData("""{"name":"Order","fields":[{"type":"string","name":"id"}],"namespace":"shop","type":"record"}""")]
    [InlineData("""{"type":"record","name":"shop.Order","fields":[{"name":"id","type":{"type":"string"}}]}""")]
    public void Another_spelling_is_the_same_schema(string text)
    {
        Assert.Equal(SchemaJson.Read(Order).Key([]), SchemaJson.Read(text).Key([]));
    }

    [Theory]
    [InlineData("""{"type":"record","name":"Order","namespace":"shop","doc":"x","fields":[{"name":"id","type":"string"}]}""")]
    [InlineData("""{"type":"record","name":"Order","namespace":"shop","aliases":["O"],"fields":[{"name":"id","type":"string"}]}""")]
    [InlineData("""{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"string","default":""}]}""")]
    [InlineData("""{"type":"record","name":"Order","namespace":"other","fields":[{"name":"id","type":"string"}]}""")]
    public void Documentation_aliases_defaults_and_names_make_another_schema(string text)
    {
        Assert.NotEqual(SchemaJson.Read(Order).Key([]), SchemaJson.Read(text).Key([]));
    }

    [Fact]
    public void References_belong_to_the_identity_in_any_order()
    {
        var schema = SchemaJson.Read(Order);
        var a = new SchemaReference("a", "s", 1);
        var b = new SchemaReference("b", "s", 2);

        Assert.NotEqual(schema.Key([]), schema.Key([a]));
        Assert.Equal(schema.Key([a, b]), schema.Key([b, a]));
    }

    [Fact]
    public void The_text_is_kept_as_written_apart_from_white_space()
    {
        var read = SchemaJson.Read("""{ "name": "E", "type": "enum", "doc": "für 1 < 2", "symbols": [ "A" ] }""");

        Assert.Equal("""{"name":"E","type":"enum","doc":"für 1 < 2","symbols":["A"]}""", read.Compact);
    }

    [Fact]
    public void A_short_name_in_a_union_means_its_namespace()
    {
        var shorter = """{"type":"record","name":"n.R","fields":[{"name":"next","type":["null","R"]}]}""";
        var longer = """{"type":"record","name":"n.R","fields":[{"name":"next","type":["null","n.R"]}]}""";

        Assert.Equal(SchemaJson.Read(longer).Key([]), SchemaJson.Read(shorter).Key([]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("string")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("""{"type":"int","type":"long"}""")]
    [InlineData("""{"type":"record","name":"R"}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"Unknown"}]}""")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}""")]
    [InlineData("""["int","int"]""")]
    [InlineData("""{"type":"enum","name":"E","symbols":["\ud800"]}""")]
    public void What_is_not_a_schema_is_refused(string text)
    {
        Assert.Throws<SchemaSyntaxException>(() => ParsedSchema.Parse(text, [], []));
    }

    [Fact]
    public void Deep_nesting_is_refused_before_any_parser_recurses()
    {
        var text = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 100_000)) + "\"int\"" + new string('}', 100_000);

        Assert.Throws<SchemaSyntaxException>(() => ParsedSchema.Parse(text, [], []));
    }

    [Fact]
    public void A_reference_must_name_what_it_brings()
    {
        var user = """{"type":"record","name":"U","fields":[{"name":"o","type":"shop.Order"}]}""";

        Assert.Equal("U", ParsedSchema.Parse(user, [Order], [new SchemaReference("shop.Order", "orders", 1)]).Schema.Name);
        var refusal = Assert.Throws<SchemaSyntaxException>(
            () => ParsedSchema.Parse(user, [Order], [new SchemaReference("shop.Other", "orders", 1)]));
        Assert.Contains("'shop.Other' isn't defined by subject 'orders' version 1", refusal.Message, StringComparison.Ordinal);
    }
}
