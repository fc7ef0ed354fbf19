using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Avro;
using Carousel.Orders.Avro;
using Carousel.Registry.Client;
using Carousel.Registry.Server.Log.InMemory;

namespace Carousel.Registry.Tests;

public sealed class RegistryClientTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static readonly SchemaDefinition Order = Shipped("orders-value", "Order");
    private static readonly SchemaDefinition ValidatedOrder = Shipped("orders-validated-value", "ValidatedOrder", Order);

    private readonly InMemorySchemasTopic _topic = new();
    private readonly CountingHandler _handler = new();
    private readonly ManualClock _clock = new();
    private RunningRegistry _registry = null!;
    private RegistryClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RunningRegistry.StartAsync(_topic);
        _client = Client(_registry.Url);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _registry.DisposeAsync();
        _handler.Dispose();
    }

    [Fact]
    public async Task A_schema_is_registered_after_its_references_and_found_with_them_resolved()
    {
        var id = await _client.RegisterAsync(ValidatedOrder, None);

        (await _registry.GetAsync("/subjects")).Is("""["orders-validated-value","orders-value"]""");
        using var other = Client(_registry.Url);
        var found = Assert.IsType<RecordSchema>(await other.FindAsync(id, None));
        Assert.Equal("carousel.orders.ValidatedOrder", found.Fullname);
        Assert.Equal("carousel.orders.Order", found["order"].Schema.Fullname);
        Assert.True(((RecordSchema)found["order"].Schema).Contains("lines"));
    }

    [Fact]
    public async Task What_is_known_needs_no_registry_any_more()
    {
        var id = await _client.RegisterAsync(ValidatedOrder, None);
        var schema = await _client.FindAsync(id, None);
        await _registry.DisposeAsync();
        var asked = _handler.Count;

        Assert.Equal(id, await _client.RegisterAsync(ValidatedOrder, None));
        Assert.Equal(id, await _client.RegisterAsync(Shipped("orders-validated-value", "ValidatedOrder", Order), None));
        Assert.Same(schema, await _client.FindAsync(id, None));
        Assert.Equal(asked, _handler.Count);
        await Assert.ThrowsAsync<RegistryUnavailableException>(async () => await _client.FindAsync(id + 1000, None));
    }

    [Fact]
    public async Task An_unknown_id_is_null_and_asked_again_only_after_a_while()
    {
        Assert.Null(await _client.FindAsync(1, None));
        Assert.Null(await _client.FindAsync(1, None));
        Assert.Equal(1, _handler.Count);

        await _registry.RegisteredAsync("s", "\"int\"");
        Assert.Null(await _client.FindAsync(1, None));
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.NotNull(await _client.FindAsync(1, None));
        Assert.Equal(2, _handler.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public async Task An_id_that_cannot_exist_is_not_asked_for(int id)
    {
        Assert.Null(await _client.FindAsync(id, None));
        Assert.Equal(0, _handler.Count);
    }

    [Fact]
    public void Unknown_ids_take_bounded_memory()
    {
        var unknown = new UnknownIds(TimeSpan.FromSeconds(10), 100, _clock);
        for (var id = 1; id <= 10_000; id++)
        {
            unknown.Add(id);
        }

        Assert.Equal(100, unknown.Count);
        Assert.True(unknown.Contains(10_000));
        Assert.False(unknown.Contains(1));
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_one_question_and_one_giving_up_spoils_nothing()
    {
        var id = await _registry.RegisteredAsync("s", "\"int\"");
        var gate = _handler.HoldBack();
        using var impatient = new CancellationTokenSource();

        var given = _client.FindAsync(id, impatient.Token).AsTask();
        var others = Enumerable.Range(0, 50).Select(_ => _client.FindAsync(id, None).AsTask()).ToList();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        gate.SetResult();

        Assert.All(await Task.WhenAll(others), Assert.NotNull);
        Assert.Equal(1, _handler.Count);
    }

    [Fact]
    public async Task A_registry_that_is_down_is_unavailable_within_bounded_time()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var client = Client($"http://127.0.0.1:{port}", real: true);
        var started = Stopwatch.GetTimestamp();

        var failure = await Assert.ThrowsAsync<RegistryUnavailableException>(async () => await client.FindAsync(1, None));
        await Assert.ThrowsAsync<RegistryUnavailableException>(async () => await client.RegisterAsync(Order, None));

        Assert.Contains("3 attempts", failure.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_registry_that_accepts_and_never_answers_is_unavailable_within_bounded_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var client = Client($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", real: true);

        var failure = await Assert.ThrowsAsync<RegistryUnavailableException>(
            async () => await client.FindAsync(1, None).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("no answer within 0.3 s", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "<html>not here</html>")]
    [InlineData(404, """{"error_code":404,"message":"HTTP 404 Not Found"}""")]
    [InlineData(401, """{"error_code":401,"message":"Unauthorized"}""")]
    [InlineData(400, """{"error_code":400,"message":"Bad"}""")]
    [InlineData(503, "")]
    [InlineData(200, "no json")]
    public async Task Nothing_but_the_registrys_own_word_makes_an_id_unknown(int status, string body)
    {
        _handler.AnswerWith((HttpStatusCode)status, body);

        await Assert.ThrowsAsync<RegistryUnavailableException>(async () => await _client.FindAsync(1, None));
    }

    [Fact]
    public async Task A_failure_that_passes_is_not_noticed()
    {
        var id = await _registry.RegisteredAsync("s", "\"int\"");
        _handler.AnswerWith(HttpStatusCode.ServiceUnavailable, "", times: 2);

        Assert.NotNull(await Client(_registry.Url, real: true).FindAsync(id, None));
        Assert.Equal(3, _handler.Count);
    }

    [Fact]
    public async Task A_refused_schema_says_what_the_registry_said()
    {
        await _registry.RegisteredAsync("s", TestSchemas.A);

        var refusal = await Assert.ThrowsAsync<SchemaRefusedException>(
            async () => await _client.RegisterAsync(new SchemaDefinition("s", "n.R", TestSchemas.WithRequiredB, []), None));
        Assert.Contains("needs field 'b' of record n.R", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("(409)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_that_was_soft_deleted_is_still_resolved()
    {
        await _registry.RegisteredAsync("r", TestSchemas.A);
        var id = await _registry.RegisteredAsync("u", TestSchemas.User, TestSchemas.ReferenceTo("r"));
        await _registry.DeleteAsync("/subjects/u");
        await _registry.DeleteAsync("/subjects/r");

        Assert.NotNull(await _client.FindAsync(id, None));
    }

    [Fact]
    public async Task Credentials_are_sent_and_never_told()
    {
        using var http = new HttpClient(_handler, disposeHandler: false);
        using var client = new RegistryClient(http, new RegistryClientOptions { Url = _registry.Url, BasicAuth = "user:secret" }, _clock);
        await client.FindAsync(1, None);
        Assert.Equal("Basic dXNlcjpzZWNyZXQ=", _handler.LastAuthorization);

        _handler.AnswerWith(HttpStatusCode.Unauthorized, "");
        var failure = await Assert.ThrowsAsync<RegistryUnavailableException>(async () => await client.FindAsync(2, None));
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("ftp://x")]
    [InlineData("http://user:secret@127.0.0.1")]
    public void An_address_that_cannot_be_used_is_refused_at_once(string url)
    {
        using var http = new HttpClient();

        var failure = Assert.Throws<ValidationException>(() => new RegistryClient(http, new RegistryClientOptions { Url = url }));
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    private static SchemaDefinition Shipped(string subject, string name, params SchemaDefinition[] references)
    {
        using var stream = typeof(SchemaDefinition).Assembly.GetManifestResourceStream(name + ".avsc")!;
        using var reader = new StreamReader(stream);
        return new SchemaDefinition(subject, "carousel.orders." + name, reader.ReadToEnd(), references);
    }

    // With the manual clock nothing ever times out; the tests of time limits take the system's.
    private RegistryClient Client(string url, bool real = false)
    {
        var options = new RegistryClientOptions
        {
            Url = url, AttemptTimeout = TimeSpan.FromMilliseconds(real ? 300 : 10_000), RetryPause = TimeSpan.Zero,
        };
        return new RegistryClient(new HttpClient(_handler, disposeHandler: false), options, real ? TimeProvider.System : _clock);
    }

    private sealed class ManualClock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            return Interlocked.Read(ref _ticks);
        }

        public void Advance(TimeSpan time)
        {
            Interlocked.Add(ref _ticks, time.Ticks);
        }
    }

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _count;
        private (HttpStatusCode Status, string Body, int Times) _answer;
        private Task _gate = Task.CompletedTask;

        public int Count => _count;

        public string? LastAuthorization { get; private set; }

        public void AnswerWith(HttpStatusCode status, string body, int times = int.MaxValue)
        {
            _answer = (status, body, times);
        }

        public TaskCompletionSource HoldBack()
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _gate = gate.Task;
            return gate;
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            LastAuthorization = request.Headers.Authorization?.ToString();
            await _gate.WaitAsync(cancellationToken);
            if (_answer.Times-- > 0)
            {
                return new HttpResponseMessage(_answer.Status) { Content = new StringContent(_answer.Body) };
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
