using Carousel.Registry.Compatibility;
using Carousel.Registry.Schemas;

namespace Carousel.Registry.Tests;

public sealed class CompatibilityCheckerTests
{
    private const string Ok = "";

    private static readonly CheckRoles Roles = CheckRoles.NewReadsOld(3);

    // Reader, writer, and the kinds and paths expected.
    public static TheoryData<string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string>();
        foreach (var (reader, writer, expected) in Promotions().Concat(Named()).Concat(Unions()).Concat(Logical()).Concat(Recursive()))
        {
            cases.Add(reader, writer, expected);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_reader_meets_what_a_writer_wrote(string reader, string writer, string expected)
    {
        var found = CompatibilityChecker.Check(Parse(reader), Parse(writer), Roles);

        Assert.Equal(expected, string.Join(", ", found.Select(each => $"{each.KindName} {each.Path}")));
    }

    [Fact]
    public void A_new_field_without_default_is_named_with_its_remedy()
    {
        var reader = Parse(Record("""{"name":"a","type":"int"},{"name":"b","type":"int"}"""));
        var writer = Parse(Record("""{"name":"a","type":"int"}"""));

        var backward = Assert.Single(CompatibilityChecker.Check(reader, writer, CheckRoles.NewReadsOld(3)));
        Assert.Contains("needs field 'b' of record n.R, which version 3 doesn't write", backward.Sentence, StringComparison.Ordinal);
        Assert.Contains("give the field a default", backward.Sentence, StringComparison.Ordinal);

        var forward = Assert.Single(CompatibilityChecker.Check(reader, writer, CheckRoles.OldReadsNew(3)));
        Assert.Contains("Version 3 needs field 'b' of record n.R, which the new schema doesn't write", forward.Sentence, StringComparison.Ordinal);
        Assert.Contains("keep 'b' in the new schema", forward.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_violation_is_reported_not_only_the_first()
    {
        var reader = Parse(Record("""{"name":"a","type":"int"},{"name":"b","type":"int"},{"name":"c","type":"string"}"""));
        var writer = Parse(Record("""{"name":"c","type":"int"}"""));

        Assert.Equal(3, CompatibilityChecker.Check(reader, writer, Roles).Count);
    }

    [Theory]
    [InlineData(CompatibilityLevel.None, "")]
    [InlineData(CompatibilityLevel.Backward, "")]
    [InlineData(CompatibilityLevel.BackwardTransitive, "version 1")]
    [InlineData(CompatibilityLevel.Forward, "version 2")]
    [InlineData(CompatibilityLevel.ForwardTransitive, "version 1, version 2")]
    [InlineData(CompatibilityLevel.Full, "version 2")]
    [InlineData(CompatibilityLevel.FullTransitive, "version 1, version 1, version 2")]
    public void Each_level_looks_at_its_versions_in_its_direction(object level, string expected)
    {
        // Version 1 has a required b, version 2 an optional b and a required c; the new schema has a required b and an optional d.
        var first = Parse(Record("""{"name":"b","type":"string"}"""));
        var second = Parse(Record("""{"name":"b","type":"int","default":0},{"name":"c","type":"int"}"""));
        var next = Parse(Record("""{"name":"b","type":"int"},{"name":"d","type":"int","default":1}"""));

        var messages = CompatibilityRule.Check((CompatibilityLevel)level, next, [(1, first), (2, second)]);

        Assert.Equal(expected, string.Join(", ", messages.Select(each => each.Contains("ersion 1", StringComparison.Ordinal) ? "version 1" : "version 2")));
    }

    [Fact]
    public void A_chain_of_types_that_doubles_at_each_step_is_compared_quickly()
    {
        // Without remembering pairs this would take 2 to the power of 60 comparisons.
        var schema = Chain(60, "int");
        var other = Chain(60, "string");

        Assert.Empty(CompatibilityChecker.Check(Parse(schema), Parse(schema), Roles));
        Assert.NotEmpty(CompatibilityChecker.Check(Parse(other), Parse(schema), Roles));
    }

    [Fact]
    public void A_chain_of_types_too_long_for_the_stack_is_refused()
    {
        // Types within one schema are met in the order of their definition; only a reference leads to the far end of a chain first.
        var parsed = ParsedSchema.Parse(Record("""{"name":"far","type":"R3000"}""").Replace("\"namespace\":\"n\",", "", StringComparison.Ordinal), [Chain(3_000, "int")], []);

        Exception? refusal = null;
        var small = new Thread(() => refusal = Xunit.Record.Exception(() => CompatibilityChecker.Check(parsed, parsed, Roles)), maxStackSize: 256 * 1024);
        small.Start();
        small.Join();

        Assert.Contains("too deeply", Assert.IsType<SchemaSyntaxException>(refusal).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(string, string, string)> Promotions()
    {
        string[] wider = ["int", "long", "float", "double"];
        for (var writer = 0; writer < wider.Length; writer++)
        {
            for (var reader = 0; reader < wider.Length; reader++)
            {
                yield return ($"\"{wider[reader]}\"", $"\"{wider[writer]}\"", reader >= writer ? Ok : "TYPE_MISMATCH /");
            }
        }

        yield return ("\"string\"", "\"bytes\"", Ok);
        yield return ("\"bytes\"", "\"string\"", Ok);
        yield return ("\"int\"", "\"boolean\"", "TYPE_MISMATCH /");
        yield return ("\"string\"", "\"int\"", "TYPE_MISMATCH /");
        yield return ("""{"type":"array","items":"long"}""", """{"type":"array","items":"int"}""", Ok);
        yield return ("""{"type":"array","items":"int"}""", """{"type":"array","items":"long"}""", "TYPE_MISMATCH /items");
        yield return ("""{"type":"map","values":"int"}""", """{"type":"map","values":"long"}""", "TYPE_MISMATCH /values");
        yield return ("""{"type":"map","values":"int"}""", """{"type":"array","items":"int"}""", "TYPE_MISMATCH /");
    }

    private static IEnumerable<(string, string, string)> Named()
    {
        var a = """{"name":"a","type":"int"}""";
        yield return (Record(a), Record(a + """,{"name":"b","type":"int"}"""), Ok);
        yield return (Record(a + """,{"name":"b","type":"int"}"""), Record(a), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/1");
        yield return (Record(a + """,{"name":"b","type":"int","default":0}"""), Record(a), Ok);
        yield return (Record(a + """,{"name":"b","type":["null","int"],"default":null}"""), Record(a), Ok);
        yield return (Record("""{"name":"b","type":"int","aliases":["a"]}"""), Record(a), Ok);
        yield return (Record("""{"name":"a","type":"string"}"""), Record(a), "TYPE_MISMATCH /fields/0/type");
        yield return (Record(a), Record(a, "Other"), "NAME_MISMATCH /name");
        yield return (Record(a, extra: ",\"aliases\":[\"Other\"]"), Record(a, "Other"), Ok);
        yield return (Record(a, extra: ",\"aliases\":[\"x.Other\"]"), Record(a, "Other"), "NAME_MISMATCH /name");
        yield return (Enum("\"A\",\"B\""), Enum("\"A\""), Ok);
        yield return (Enum("\"A\""), Enum("\"A\",\"B\""), "MISSING_ENUM_SYMBOLS /symbols");
        yield return (Enum("\"A\"", ",\"default\":\"A\""), Enum("\"A\",\"B\""), Ok);
        yield return (Fixed("F", 4), Fixed("F", 4), Ok);
        yield return (Fixed("F", 4), Fixed("F", 8), "FIXED_SIZE_MISMATCH /size");
        yield return (Fixed("G", 4), Fixed("F", 8), "NAME_MISMATCH /name, FIXED_SIZE_MISMATCH /size");
    }

    private static IEnumerable<(string, string, string)> Unions()
    {
        yield return ("""["null","int"]""", """["null","int"]""", Ok);
        yield return ("""["null","int","string"]""", """["int","null"]""", Ok);
        yield return ("""["null","int"]""", """["null","int","string"]""", "MISSING_UNION_BRANCH /2");
        yield return ("""["null","long"]""", "\"int\"", Ok);
        yield return ("""["null","int"]""", "\"long\"", "MISSING_UNION_BRANCH /");
        yield return ("\"long\"", """["int","long"]""", Ok);
        yield return ("\"int\"", """["null","int"]""", "TYPE_MISMATCH /");
        yield return ($"""["null",{Enum("\"A\"")}]""", $"""["null",{Enum("\"A\",\"B\"")}]""", "MISSING_ENUM_SYMBOLS /1/symbols");
        yield return ("""[{"type":"array","items":"int"}]""", """[{"type":"array","items":"string"}]""", "TYPE_MISMATCH /0/items");
    }

    private static IEnumerable<(string, string, string)> Logical()
    {
        yield return (Decimal(18, 2), Decimal(18, 2), Ok);
        yield return (Decimal(20, 2), Decimal(18, 2), Ok);
        yield return (Decimal(10, 2), Decimal(18, 2), "TYPE_MISMATCH /");
        yield return (Decimal(18, 4), Decimal(18, 2), "TYPE_MISMATCH /");
        yield return ("\"bytes\"", Decimal(18, 2), Ok);
        yield return (Time("timestamp-micros"), Time("timestamp-millis"), "TYPE_MISMATCH /");
        yield return (Time("timestamp-micros"), "\"long\"", Ok);
        yield return ("\"int\"", Time("timestamp-micros"), "TYPE_MISMATCH /");
    }

    private static IEnumerable<(string, string, string)> Recursive()
    {
        static string List(string value, string more = "")
        {
            return $$"""{"type":"record","name":"L","fields":[{"name":"v","type":"{{value}}"},{"name":"next","type":["null","L"]}{{more}}]}""";
        }

        yield return (List("long"), List("int"), Ok);
        yield return (List("int"), List("long"), "TYPE_MISMATCH /fields/0/type");
        yield return (List("int", """,{"name":"w","type":"int"}"""), List("int"), "READER_FIELD_MISSING_DEFAULT_VALUE /fields/2");
    }

    private static ParsedSchema Parse(string text)
    {
        return ParsedSchema.Parse(text, [], []);
    }

    private static string Record(string fields, string name = "R", string extra = "")
    {
        return $$"""{"type":"record","name":"{{name}}","namespace":"n","fields":[{{fields}}]{{extra}}}""";
    }

    private static string Enum(string symbols, string extra = "")
    {
        return $$"""{"type":"enum","name":"E","symbols":[{{symbols}}]{{extra}}}""";
    }

    private static string Fixed(string name, int size)
    {
        return $$"""{"type":"fixed","name":"{{name}}","size":{{size}}}""";
    }

    private static string Decimal(int precision, int scale)
    {
        return $$"""{"type":"bytes","logicalType":"decimal","precision":{{precision}},"scale":{{scale}}}""";
    }

    private static string Time(string name)
    {
        return $$"""{"type":"long","logicalType":"{{name}}"}""";
    }

    // A union of records of which each has the one before twice; the last is what it is about.
    private static string Chain(int length, string innermost)
    {
        var records = Enumerable.Range(1, length).Select(step =>
            $$"""{"type":"record","name":"R{{step}}","fields":[{"name":"a","type":"R{{step - 1}}"},{"name":"b","type":"R{{step - 1}}"}]}""");
        return $$"""[{"type":"record","name":"R0","fields":[{"name":"v","type":"{{innermost}}"}]},{{string.Join(",", records)}}]""";
    }
}
