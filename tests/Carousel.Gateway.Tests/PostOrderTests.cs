using System.Diagnostics;
using System.Text.Json.Nodes;
using Carousel.Gateway.OrderLog;
using Carousel.Orders;

namespace Carousel.Gateway.Tests;

public sealed class PostOrderTests
{
    [Fact]
    public async Task An_accepted_order_is_in_the_log_and_answers_its_id_and_location()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(Bodies.Sound);

        JsonNode body = await GatewayHost.JsonAsync(response);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        string id = (string)body["orderId"]!;
        Assert.Equal("CREATED", (string)body["status"]!);
        Assert.Equal($"/orders/{id}", response.Headers.Location!.OriginalString);
        OrderRecord record = Assert.Single(gateway.Log.Records);
        Assert.Equal(("cust-1", "local"), (record.Key, record.Client));
        Order order = await gateway.DecodeAsync(record);
        Assert.Equal((id, "cust-1", "GBP", 15.30m, "tok_visa"), (order.OrderId.ToString(), order.CustomerId, order.Currency, order.Amount, order.PaymentToken));
        Assert.Equal([new OrderLine("85123A", 6, 2.55m)], order.Lines);
    }

    [Fact]
    public async Task The_202_waits_until_the_log_has_the_order()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var reached = new TaskCompletionSource();
        var acknowledged = new TaskCompletionSource();
        gateway.Log.BeforeWrite = _ =>
        {
            reached.SetResult();
            return acknowledged.Task;
        };

        Task<HttpResponseMessage> posting = gateway.PostAsync(Bodies.Sound);
        await reached.Task.WaitAsync(GatewayHost.Patience);
        Assert.False(posting.IsCompleted);
        acknowledged.SetResult();

        using HttpResponseMessage response = await posting;
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task By_order_the_record_is_keyed_by_the_order_id()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => options.Partitioning = OrderPartitioning.Order);

        (_, JsonNode body) = await gateway.PostJsonAsync(Bodies.Sound);

        Assert.Equal((string)body["orderId"]!, Assert.Single(gateway.Log.Records).Key);
    }

    [Fact]
    public async Task The_caller_s_trace_goes_on_in_the_record()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is GatewayServer.TelemetryName or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = GatewayHost.Body(Bodies.Sound, "application/json") };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", "vendor=1");

        using var client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = gateway.Client.BaseAddress };
        using HttpResponseMessage response = await client.SendAsync(request);

        OrderRecord record = Assert.Single(gateway.Log.Records);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", record.TraceParent, StringComparison.Ordinal);
        Assert.Equal("vendor=1", record.TraceState);
    }

    [Theory]
    [InlineData("\"15.30\"")]
    [InlineData("15.3")]
    [InlineData("null")]
    public async Task A_stated_amount_that_is_right_is_taken(string amount)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        (HttpStatusCode status, _) = await gateway.PostJsonAsync(Bodies.With(extra: $",\"amount\":{amount}"));

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(15.30m, (await gateway.DecodeAsync(Assert.Single(gateway.Log.Records))).Amount);
    }

    [Fact]
    public async Task An_order_of_2000_lines_is_taken_and_one_of_2001_is_refused()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        (HttpStatusCode allowed, _) = await gateway.PostJsonAsync(Bodies.WithLines(2_000));
        (HttpStatusCode refused, JsonNode problem) = await gateway.PostJsonAsync(Bodies.WithLines(2_001));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.BadRequest), (allowed, refused));
        Assert.Equal("LINE_COUNT", (string)problem["errors"]![0]!["code"]!);
        Assert.Contains("2001", (string)problem["errors"]![0]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(2_000, (await gateway.DecodeAsync(Assert.Single(gateway.Log.Records))).Lines.Count);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("nonsense")]
    public async Task Another_media_type_is_415(string contentType)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync(Bodies.Sound, contentType: contentType);

        await AssertProblemAsync(response, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
    }

    [Fact]
    public async Task Utf8_json_with_a_charset_and_a_byte_order_mark_is_taken()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        using HttpResponseMessage response = await gateway.PostAsync("\uFEFF" + Bodies.Sound, contentType: "Application/JSON; charset=\"utf-8\"");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_of_10_MB_is_413(bool announced)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        HttpContent content = announced
            ? GatewayHost.Body(new string(' ', 10_000_000), "application/json")
            : new StreamContent(new EndlessStream(10_000_000)) { Headers = { ContentType = new("application/json") } };

        HttpResponseMessage response;
        try
        {
            response = await gateway.Client.PostAsync("/orders", content);
        }
        catch (HttpRequestException)
        {
            // The gateway answers and closes while the body is still being sent; the client may see the closing first.
            Assert.Empty(gateway.Log.Records);
            return;
        }

        await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "body-too-large");
    }

    [Theory]
    [InlineData(nameof(OrderLogFailure.BufferFull), false)]
    [InlineData(nameof(OrderLogFailure.NotWritten), false)]
    [InlineData(nameof(OrderLogFailure.Unknown), true)]
    public async Task A_log_that_can_t_take_it_is_503_with_Retry_After(string failure, bool namesTheOrder)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Log.Fail(Enum.Parse<OrderLogFailure>(failure));

        using HttpResponseMessage response = await gateway.PostAsync(Bodies.Sound);

        JsonNode problem = await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "log-unavailable");
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.Equal(namesTheOrder, problem["orderId"] is not null);
    }

    [Theory]
    [InlineData("4111 1111 1111 1111")]
    [InlineData("4111111111111111")]
    public async Task A_card_number_is_refused_and_neither_answered_nor_logged(string card)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        string[] bodies =
        [
            Bodies.With(paymentToken: $"\"{card}\""),
            Bodies.With(paymentToken: card),
            Bodies.With(extra: $",\"{card}\":1"),
            Bodies.With(paymentToken: $"[\"{card}\"]"),
            $"tok{card}",
        ];
        foreach (string body in bodies)
        {
            using HttpResponseMessage response = await gateway.PostAsync(body);

            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.DoesNotContain("4111", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using HttpResponseMessage accepted = await gateway.PostAsync(Bodies.Sound);
        Assert.DoesNotContain(gateway.Lines.Lines, line => line.Contains("4111", StringComparison.Ordinal) || line.Contains("tok_visa", StringComparison.Ordinal));
        Assert.NotEmpty(gateway.Lines.Lines);
    }

    [Fact]
    public async Task Unknown_routes_and_methods_are_problems_too()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        using HttpResponseMessage nothing = await gateway.Client.GetAsync("/nothing");
        using HttpResponseMessage method = await gateway.Client.DeleteAsync("/orders");

        await AssertProblemAsync(nothing, HttpStatusCode.NotFound, "not-found");
        await AssertProblemAsync(method, HttpStatusCode.MethodNotAllowed, "method-not-allowed");
        Assert.Contains("POST", method.Content.Headers.Allow);
    }

    internal static async Task<JsonNode> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string kind)
    {
        JsonNode body = await GatewayHost.JsonAsync(response);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"urn:carousel:problem:{kind}", (string)body["type"]!);
        Assert.Equal((int)status, (int)body["status"]!);
        Assert.NotEmpty((string)body["title"]!);
        Assert.NotEmpty((string)body["detail"]!);
        return body;
    }

    private sealed class EndlessStream(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Fill((byte)' ');
            _left -= read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
