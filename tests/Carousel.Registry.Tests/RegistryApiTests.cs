using System.Net;
using Carousel.Registry.Server.Log;
using Carousel.Registry.Server.Log.InMemory;

namespace Carousel.Registry.Tests;

public sealed class RegistryApiTests : IAsyncLifetime
{
    private readonly InMemorySchemasTopic _topic = new();
    private RunningRegistry _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RunningRegistry.StartAsync(_topic);
    }

    public ValueTask DisposeAsync()
    {
        return _registry.DisposeAsync();
    }

    [Fact]
    public async Task A_registered_schema_is_found_in_every_way()
    {
        Assert.Equal(1, await _registry.RegisteredAsync("s", TestSchemas.A));
        Assert.Equal(2, await _registry.RegisteredAsync("s", TestSchemas.WithOptionalB));

        (await _registry.GetAsync("/subjects")).Is("""["s"]""");
        (await _registry.GetAsync("/subjects/s/versions")).Is("[1,2]");
        var first = (await _registry.GetAsync("/subjects/s/versions/1")).Json(HttpStatusCode.OK);
        Assert.Equal((1, TestSchemas.A), (first.GetProperty("id").GetInt32(), first.GetProperty("schema").GetString()));
        Assert.Equal(2, (await _registry.GetAsync("/subjects/s/versions/latest")).Json(HttpStatusCode.OK).GetProperty("version").GetInt32());
        Assert.Equal(2, (await _registry.GetAsync("/subjects/s/versions/-1")).Json(HttpStatusCode.OK).GetProperty("version").GetInt32());
        (await _registry.GetAsync("/subjects/s/versions/1/schema")).Is(TestSchemas.A);
        Assert.Equal(TestSchemas.A, (await _registry.GetAsync("/schemas/ids/1")).Json(HttpStatusCode.OK).GetProperty("schema").GetString());
        (await _registry.GetAsync("/schemas/ids/1/schema")).Is(TestSchemas.A);
        (await _registry.GetAsync("/schemas/ids/1/versions")).Is("""[{"subject":"s","version":1}]""");
        (await _registry.GetAsync("/schemas/ids/1/subjects")).Is("""["s"]""");
        (await _registry.GetAsync("/schemas/types")).Is("""["AVRO"]""");
        Assert.Equal(2, (await _registry.GetAsync("/schemas")).Json(HttpStatusCode.OK).GetArrayLength());
        Assert.Equal(1, (await _registry.GetAsync("/schemas?latestOnly=true")).Json(HttpStatusCode.OK).GetArrayLength());
        var found = await _registry.SendAsync(HttpMethod.Post, "/subjects/s", new { schema = TestSchemas.A });
        Assert.Equal(1, found.Json(HttpStatusCode.OK).GetProperty("version").GetInt32());
        (await _registry.GetAsync("/")).Is("{}");
        Assert.Contains("kafka-cluster", (await _registry.GetAsync("/v1/metadata/id")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_schema_keeps_its_id_and_version_whatever_its_spelling_and_subject()
    {
        var id = await _registry.RegisteredAsync("s", TestSchemas.A);

        Assert.Equal(id, await _registry.RegisteredAsync("s", TestSchemas.A.Replace(":", " : ", StringComparison.Ordinal)));
        Assert.Equal(id, await _registry.RegisteredAsync("other", TestSchemas.A));
        (await _registry.GetAsync("/subjects/s/versions")).Is("[1]");
        (await _registry.GetAsync($"/schemas/ids/{id}/subjects")).Is("""["other","s"]""");
        Assert.Equal(2, _topic.Entries.Count);
    }

    [Fact]
    public async Task Another_documentation_is_another_version()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);
        var documented = TestSchemas.A.Replace("\"name\":\"R\",", "\"name\":\"R\",\"doc\":\"x\",", StringComparison.Ordinal);

        Assert.Equal(2, await _registry.RegisteredAsync("s", documented));
    }

    [Fact]
    public async Task An_incompatible_schema_is_refused_with_field_and_remedy()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);

        var message = (await _registry.RegisterAsync("s", TestSchemas.WithRequiredB)).Fails(409, 409);

        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1", message, StringComparison.Ordinal);
        Assert.Contains("needs field 'b' of record n.R, which version 1 doesn't write", message, StringComparison.Ordinal);
        (await _registry.GetAsync("/subjects/s/versions")).Is("[1]");
    }

    [Fact]
    public async Task Compatibility_can_be_asked_for_beforehand()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);
        var bad = new { schema = TestSchemas.WithRequiredB };

        (await _registry.SendAsync(HttpMethod.Post, "/compatibility/subjects/s/versions/latest", bad)).Is("""{"is_compatible":false}""");
        var verbose = await _registry.SendAsync(HttpMethod.Post, "/compatibility/subjects/s/versions?verbose=true", bad);
        Assert.Contains("'b'", verbose.Json(HttpStatusCode.OK).GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        var good = new { schema = TestSchemas.WithOptionalB };
        (await _registry.SendAsync(HttpMethod.Post, "/compatibility/subjects/s/versions/1?verbose=true", good))
            .Is("""{"is_compatible":true,"messages":[]}""");
        (await _registry.SendAsync(HttpMethod.Post, "/compatibility/subjects/new/versions/latest", good)).Is("""{"is_compatible":true}""");
        (await _registry.SendAsync(HttpMethod.Post, "/compatibility/subjects/s/versions/9", good)).Fails(404, 40402);
        (await _registry.SendAsync(HttpMethod.Post, "/compatibility/subjects/new/versions/1", good)).Fails(404, 40401);
    }

    [Fact]
    public async Task The_level_of_a_subject_goes_before_the_global_one()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);
        (await _registry.GetAsync("/config")).Is("""{"compatibilityLevel":"BACKWARD"}""");
        (await _registry.GetAsync("/config/s")).Fails(404, 40408);
        (await _registry.SendAsync(HttpMethod.Put, "/config", new { compatibility = "FULL" })).Is("""{"compatibility":"FULL"}""");
        (await _registry.GetAsync("/config/s?defaultToGlobal=true")).Is("""{"compatibilityLevel":"FULL"}""");
        (await _registry.SendAsync(HttpMethod.Put, "/config/s", new { compatibility = "NONE" })).Is("""{"compatibility":"NONE"}""");
        await _registry.RegisteredAsync("s", TestSchemas.WithRequiredB);
        (await _registry.DeleteAsync("/config/s")).Is("""{"compatibilityLevel":"NONE"}""");
        (await _registry.DeleteAsync("/config/s")).Fails(404, 40408);
        (await _registry.DeleteAsync("/config")).Is("""{"compatibilityLevel":"FULL"}""");
        (await _registry.GetAsync("/config")).Is("""{"compatibilityLevel":"BACKWARD"}""");
        (await _registry.SendAsync(HttpMethod.Put, "/config", new { compatibility = "SOMETIMES" })).Fails(422, 42203);
    }

    [Fact]
    public async Task Deletion_is_soft_first_and_permanent_only_afterwards()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);
        await _registry.RegisteredAsync("s", TestSchemas.WithOptionalB);

        (await _registry.DeleteAsync("/subjects/s/versions/1?permanent=true")).Fails(404, 40407);
        (await _registry.DeleteAsync("/subjects/s/versions/1")).Is("1");
        (await _registry.DeleteAsync("/subjects/s/versions/1")).Fails(404, 40406);
        (await _registry.GetAsync("/subjects/s/versions/1")).Fails(404, 40402);
        Assert.True((await _registry.GetAsync("/subjects/s/versions/1?deleted=true")).Json(HttpStatusCode.OK).GetProperty("deleted").GetBoolean());
        (await _registry.GetAsync("/subjects/s/versions")).Is("[2]");
        (await _registry.GetAsync("/subjects/s/versions?deleted=true")).Is("[1,2]");
        Assert.Equal(HttpStatusCode.OK, (await _registry.GetAsync("/schemas/ids/1")).Status);
        (await _registry.DeleteAsync("/subjects/s/versions/1?permanent=true")).Is("1");
        (await _registry.GetAsync("/schemas/ids/1")).Fails(404, 40403);

        (await _registry.DeleteAsync("/subjects/s?permanent=true")).Fails(404, 40405);
        (await _registry.DeleteAsync("/subjects/s")).Is("[2]");
        (await _registry.DeleteAsync("/subjects/s")).Fails(404, 40404);
        (await _registry.GetAsync("/subjects")).Is("[]");
        (await _registry.GetAsync("/subjects?deleted=true")).Is("""["s"]""");
        (await _registry.DeleteAsync("/subjects/s?permanent=true")).Is("[2]");
        (await _registry.DeleteAsync("/subjects/s")).Fails(404, 40401);
    }

    [Fact]
    public async Task A_soft_deleted_schema_comes_back_as_a_new_version_with_its_old_id()
    {
        var id = await _registry.RegisteredAsync("s", TestSchemas.A);
        await _registry.DeleteAsync("/subjects/s");

        Assert.Equal(id, await _registry.RegisteredAsync("s", TestSchemas.A));
        (await _registry.GetAsync("/subjects/s/versions")).Is("[2]");
    }

    [Fact]
    public async Task An_id_never_comes_back_with_another_schema_even_after_compaction()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);
        var gone = await _registry.RegisteredAsync("s", TestSchemas.WithOptionalB);
        await _registry.DeleteAsync("/subjects/s/versions/2");
        await _registry.DeleteAsync("/subjects/s/versions/2?permanent=true");

        // What Kafka leaves of the topic: the last record of each key, without those that have no value.
        var compacted = new InMemorySchemasTopic();
        compacted.Append([.. _topic.Entries
            .GroupBy(each => Convert.ToHexString(each.Key)).Select(each => each.Last()).Where(each => each.Value is not null)]);
        await using var restarted = await RunningRegistry.StartAsync(compacted);

        Assert.Equal(gone + 1, await restarted.RegisteredAsync("t", "\"string\""));
    }

    [Fact]
    public async Task A_schema_with_references_is_resolved_listed_and_protected()
    {
        await _registry.RegisteredAsync("r", TestSchemas.A);
        (await _registry.RegisterAsync("u", TestSchemas.User)).Fails(422, 42201);
        (await _registry.RegisterAsync("u", TestSchemas.User, TestSchemas.ReferenceTo("r", 9))).Fails(422, 42201);
        var id = await _registry.RegisteredAsync("u", TestSchemas.User, TestSchemas.ReferenceTo("r"));

        var schema = (await _registry.GetAsync($"/schemas/ids/{id}")).Json(HttpStatusCode.OK);
        Assert.Equal("""[{"name":"n.R","subject":"r","version":1}]""", schema.GetProperty("references").GetRawText());
        (await _registry.GetAsync("/subjects/r/versions/1/referencedby")).Is($"[{id}]");
        var refusal = (await _registry.DeleteAsync("/subjects/r/versions/1")).Fails(422, 42206);
        Assert.Contains("referred to by subject 'u' version 1", refusal, StringComparison.Ordinal);
        (await _registry.DeleteAsync("/subjects/r")).Fails(422, 42206);
        await _registry.DeleteAsync("/subjects/u");
        (await _registry.DeleteAsync("/subjects/r")).Is("[1]");
    }

    [Fact]
    public async Task Modes_decide_who_may_write()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);
        (await _registry.GetAsync("/mode")).Is("""{"mode":"READWRITE"}""");
        (await _registry.GetAsync("/mode/s")).Fails(404, 40409);
        (await _registry.SendAsync(HttpMethod.Put, "/mode/s", new { mode = "READONLY" })).Is("""{"mode":"READONLY"}""");
        (await _registry.RegisterAsync("s", TestSchemas.WithOptionalB)).Fails(422, 42205);
        (await _registry.DeleteAsync("/subjects/s")).Fails(422, 42205);
        (await _registry.DeleteAsync("/mode/s")).Is("""{"mode":"READONLY"}""");
        (await _registry.SendAsync(HttpMethod.Put, "/mode", new { mode = "IMPORT" })).Fails(422, 42205);
        (await _registry.SendAsync(HttpMethod.Put, "/mode", new { mode = "WHATEVER" })).Fails(422, 42204);

        (await _registry.SendAsync(HttpMethod.Put, "/mode/i", new { mode = "IMPORT" })).Is("""{"mode":"IMPORT"}""");
        var imported = new { schema = TestSchemas.WithRequiredB, id = 100, version = 5 };
        (await _registry.SendAsync(HttpMethod.Post, "/subjects/i/versions", imported)).Is("""{"id":100}""");
        (await _registry.GetAsync("/subjects/i/versions")).Is("[5]");
        (await _registry.SendAsync(HttpMethod.Post, "/subjects/i/versions", new { schema = "\"int\"", id = 100 })).Fails(422, 42207);
        (await _registry.SendAsync(HttpMethod.Post, "/subjects/s/versions", imported)).Fails(422, 42205);
        (await _registry.SendAsync(HttpMethod.Put, "/mode?force=true", new { mode = "IMPORT" })).Is("""{"mode":"IMPORT"}""");
    }

    [Fact]
    public async Task What_does_not_exist_has_its_own_code()
    {
        (await _registry.GetAsync("/subjects/none/versions")).Fails(404, 40401);
        (await _registry.GetAsync("/subjects/none/versions/1")).Fails(404, 40401);
        (await _registry.GetAsync("/schemas/ids/7")).Fails(404, 40403);
        (await _registry.GetAsync("/schemas/ids/x")).Fails(404, 40403);
        (await _registry.SendAsync(HttpMethod.Post, "/subjects/none", new { schema = "\"int\"" })).Fails(404, 40401);
        (await _registry.DeleteAsync("/subjects/none")).Fails(404, 40401);
        await _registry.RegisteredAsync("s", TestSchemas.A);
        (await _registry.SendAsync(HttpMethod.Post, "/subjects/s", new { schema = "\"int\"" })).Fails(404, 40403);
        (await _registry.GetAsync("/subjects/s/versions/3")).Fails(404, 40402);
        foreach (var version in new[] { "0", "-2", "x", "99999999999" })
        {
            (await _registry.GetAsync($"/subjects/s/versions/{version}")).Fails(422, 42202);
        }

        (await _registry.GetAsync("/nowhere")).Fails(404, 404);
        (await _registry.SendAsync(HttpMethod.Put, "/subjects")).Fails(405, 405);
    }

    [Theory]
    [InlineData("", 400, 400)]
    [InlineData("{", 400, 400)]
    [InlineData("[]", 400, 400)]
    [InlineData("null", 422, 422)]
    [InlineData("{}", 422, 42201)]
    [InlineData("""{"schema":7}""", 400, 400)]
    [InlineData("""{"schema":"{"}""", 422, 42201)]
    [InlineData("""{"schema":"\"nonsense\""}""", 422, 42201)]
    [InlineData("""{"schema":"\"int\"","schemaType":"PROTOBUF"}""", 422, 42201)]
    [InlineData("""{"schema":"\"int\"","schemaType":"JSON"}""", 422, 42201)]
    [InlineData("""{"schema":"\"int\"","references":[null]}""", 422, 42201)]
    [InlineData("""{"schema":"\"int\"","references":[{"name":"a"}]}""", 422, 42201)]
    public async Task A_body_that_is_no_schema_is_refused(string body, int status, int code)
    {
        Assert.NotEmpty((await _registry.SendAsync(HttpMethod.Post, "/subjects/s/versions", body)).Fails(status, code));
    }

    [Fact]
    public async Task Hostile_bodies_are_refused_and_the_registry_lives()
    {
        var deepBody = new string('[', 100_000);
        (await _registry.SendAsync(HttpMethod.Post, "/subjects/s/versions", deepBody)).Fails(400, 400);
        var deepSchema = string.Concat(Enumerable.Repeat("{\"type\":\"array\",\"items\":", 5_000));
        (await _registry.RegisterAsync("s", deepSchema)).Fails(422, 42201);
        var huge = await _registry.SendAsync(HttpMethod.Post, "/subjects/s/versions", new string('x', 10_000_000));
        Assert.Contains("too large", huge.Fails(413, 413), StringComparison.Ordinal);

        (await _registry.GetAsync("/subjects")).Is("[]");
    }

    [Fact]
    public async Task Content_types_are_those_of_Confluent()
    {
        var body = new { schema = "\"int\"" };
        const string Path = "/subjects/s/versions";
        foreach (var type in new[] { "application/vnd.schemaregistry.v1+json", "application/vnd.schemaregistry+json", "application/json", null })
        {
            Assert.Equal(HttpStatusCode.OK, (await _registry.SendAsync(HttpMethod.Post, Path, body, contentType: type)).Status);
        }

        (await _registry.SendAsync(HttpMethod.Post, Path, body, contentType: "text/plain")).Fails(415, 415);
        (await _registry.SendAsync(HttpMethod.Get, "/subjects", accept: "text/html")).Fails(406, 406);
        foreach (var (accept, expected) in new[]
        {
            (null, RunningRegistry.ContentType), ("*/*", RunningRegistry.ContentType), ("application/json", "application/json"),
            ("application/vnd.schemaregistry.v1+json, application/json;q=0.9", RunningRegistry.ContentType),
        })
        {
            Assert.Equal(expected, (await _registry.SendAsync(HttpMethod.Get, "/subjects", accept: accept)).ContentType);
        }
    }

    [Fact]
    public async Task Subjects_may_hold_slashes_and_are_filtered_by_prefix()
    {
        await _registry.RegisteredAsync("team%2Forders-value", TestSchemas.A);
        await _registry.RegisteredAsync("other", TestSchemas.A);

        (await _registry.GetAsync("/subjects?subjectPrefix=team")).Is("""["team/orders-value"]""");
        (await _registry.GetAsync("/subjects/team%2Forders-value/versions")).Is("[1]");
        (await _registry.GetAsync("/subjects?subjectPrefix=:*:")).Is("""["other","team/orders-value"]""");
    }

    [Fact]
    public async Task Normalizing_stores_the_one_spelling_of_a_schema()
    {
        var body = new { schema = """{"name":"E","namespace":"n","symbols":["A"],"type":"enum"}""" };

        await _registry.SendAsync(HttpMethod.Post, "/subjects/s/versions?normalize=true", body);

        (await _registry.GetAsync("/subjects/s/versions/1/schema")).Is("""{"name":"n.E","symbols":["A"],"type":"enum"}""");
    }

    [Fact]
    public async Task Two_instances_on_one_log_agree()
    {
        await using var other = await RunningRegistry.StartAsync(_topic);
        var names = Enumerable.Range(0, 40).ToList();

        var ids = await Task.WhenAll(names.Select(each =>
            (each % 2 == 0 ? _registry : other).RegisteredAsync($"s{each / 2}", $$"""{"type":"enum","name":"E{{each / 2}}","symbols":["A"]}""")));

        // Each schema was sent to both; each got one id, and no id twice.
        Assert.Equal(names.GroupBy(each => each / 2).Count(), ids.Distinct().Count());
        Assert.All(names.GroupBy(each => each / 2), pair => Assert.Single(pair.Select(each => ids[each]).Distinct()));
        Assert.Equal((await _registry.GetAsync("/schemas")).Text, (await other.GetAsync("/schemas")).Text);
    }

    [Fact]
    public async Task Until_everything_is_read_the_answer_is_503()
    {
        await using var starting = await RunningRegistry.StartAsync(new UnreachableLog(), waitUntilReady: false);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await starting.GetAsync("/health/ready")).Status);
        (await starting.GetAsync("/subjects")).Fails(503, 503);
        Assert.Equal(HttpStatusCode.OK, (await starting.GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task A_log_that_is_away_leaves_reads_and_fails_writes_with_its_code()
    {
        await using var cutOff = await RunningRegistry.StartAsync(new UnreachableLog { IsCaughtUp = true });

        (await cutOff.RegisterAsync("s", TestSchemas.A)).Fails(500, 50002);
        (await cutOff.GetAsync("/subjects")).Is("[]");
    }

    private sealed class UnreachableLog : ISchemasLog
    {
        public string ClusterId => string.Empty;

        public bool IsCaughtUp { get; init; }

        public Task RunAsync(Action<LogEntry> apply, CancellationToken cancellationToken)
        {
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task WaitUntilCaughtUpAsync(CancellationToken cancellationToken)
        {
            return IsCaughtUp ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task<T> AppendAsync<T>(Func<Decision<T>> decide, CancellationToken cancellationToken)
        {
            return Task.FromException<T>(new SchemasLogException("Kafka is away.", isTimeout: true));
        }

        public ValueTask DisposeAsync()
        {
            return ValueTask.CompletedTask;
        }
    }
}
