using System.Text.Json.Nodes;
using Carousel.Orders;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Gateway.Tests;

public sealed class OrderStatusTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task An_accepted_order_that_nobody_has_recorded_is_CREATED()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        (_, JsonNode posted) = await gateway.PostJsonAsync(Bodies.Sound);
        string id = (string)posted["orderId"]!;

        using HttpResponseMessage response = await gateway.Client.GetAsync($"/orders/{id}");

        Assert.Equal($$"""{"orderId":"{{id}}","status":"CREATED"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_recorded_order_is_answered_with_everything_that_is_known()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Statuses.Views["o 1"] = new OrderStatusView(OrderId.Parse("o 1"), "local", OrderStatus.Fulfilled, default, null, null, Noon, Noon.AddSeconds(1), Noon.AddSeconds(2), "pay-1");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/orders/o%201");

        Assert.Equal(
            """{"orderId":"o 1","status":"FULFILLED","createdAt":"2026-03-01T12:00:00Z","validatedAt":"2026-03-01T12:00:01Z","fulfilledAt":"2026-03-01T12:00:02Z","paymentId":"pay-1"}""",
            await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("ord-00000000000000000000000000")]
    [InlineData("anything")]
    [InlineData("caf%C3%A9")]
    public async Task An_id_that_nobody_was_given_is_404(string id)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        using HttpResponseMessage response = await gateway.Client.GetAsync($"/orders/{id}");
        using HttpResponseMessage events = await gateway.Client.GetAsync($"/orders/{id}/events");

        await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.NotFound, "order-not-found");
        await PostOrderTests.AssertProblemAsync(events, HttpStatusCode.NotFound, "order-not-found");
    }

    [Fact]
    public async Task A_store_that_is_away_is_503()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Statuses.IsDown = true;

        using HttpResponseMessage response = await gateway.Client.GetAsync("/orders/anything");

        await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable, "status-unavailable");
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Events_tell_each_status_until_the_end_with_heartbeats_between()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(Noon));
        await using GatewayHost gateway = await GatewayHost.StartAsync(time: time);
        (_, JsonNode posted) = await gateway.PostJsonAsync(Bodies.Sound);
        OrderId id = OrderId.Parse((string)posted["orderId"]!);
        using HttpResponseMessage response = await gateway.Client.GetAsync($"/orders/{id}/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("event: status", await NextAsync(lines, time, TimeSpan.Zero));
        Assert.Equal($$"""data: {"orderId":"{{id}}","status":"CREATED"}""", await NextAsync(lines, time, TimeSpan.Zero));
        Assert.Equal(": still here", await NextAsync(lines, time, TimeSpan.FromSeconds(15)));
        gateway.Statuses.Views[id.ToString()] = new OrderStatusView(id, "local", OrderStatus.Validated, default);
        Assert.Equal("event: status", await NextAsync(lines, time, TimeSpan.FromMilliseconds(500)));
        Assert.Contains("VALIDATED", await NextAsync(lines, time, TimeSpan.Zero), StringComparison.Ordinal);
        gateway.Statuses.Views[id.ToString()] = new OrderStatusView(id, "local", OrderStatus.Rejected, default, "OUT_OF_STOCK");
        Assert.Equal("event: status", await NextAsync(lines, time, TimeSpan.FromMilliseconds(500)));
        Assert.Contains("\"reason\":\"OUT_OF_STOCK\"", await NextAsync(lines, time, TimeSpan.Zero), StringComparison.Ordinal);
        Assert.Null(await NextAsync(lines, time, TimeSpan.FromMilliseconds(500)));
    }

    [Fact]
    public async Task An_order_that_has_ended_is_one_event()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Statuses.Views["o1"] = new OrderStatusView(OrderId.Parse("o1"), "local", OrderStatus.Fulfilled, default);

        string events = await gateway.Client.GetStringAsync("/orders/o1/events");

        Assert.Equal("event: status\ndata: {\"orderId\":\"o1\",\"status\":\"FULFILLED\"}\n\n", events);
    }

    [Fact]
    public async Task One_stream_too_many_is_503_and_a_closed_one_makes_room()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => options.EventStreamsMax = 1);
        gateway.Statuses.Views["o1"] = new OrderStatusView(OrderId.Parse("o1"), "local", OrderStatus.Validated, default);
        HttpResponseMessage open = await gateway.Client.GetAsync("/orders/o1/events", HttpCompletionOption.ResponseHeadersRead);

        using (HttpResponseMessage refused = await gateway.Client.GetAsync("/orders/o1/events"))
        {
            await PostOrderTests.AssertProblemAsync(refused, HttpStatusCode.ServiceUnavailable, "overloaded");
        }

        open.Dispose();
        using var patience = new CancellationTokenSource(GatewayHost.Patience);
        HttpStatusCode status;
        do
        {
            using HttpResponseMessage again = await gateway.Client.GetAsync("/orders/o1/events", HttpCompletionOption.ResponseHeadersRead, patience.Token);
            status = again.StatusCode;
        }
        while (status != HttpStatusCode.OK);
    }

    [Fact]
    public async Task Many_watchers_of_one_order_are_one_question_per_interval()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(Noon));
        await using GatewayHost gateway = await GatewayHost.StartAsync(time: time);
        gateway.Statuses.Views["o1"] = new OrderStatusView(OrderId.Parse("o1"), "local", OrderStatus.Validated, default);
        HttpResponseMessage[] watchers = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            _ => gateway.Client.GetAsync("/orders/o1/events", HttpCompletionOption.ResponseHeadersRead)));
        int before = gateway.Statuses.Calls;

        gateway.Statuses.Views["o1"] = new OrderStatusView(OrderId.Parse("o1"), "local", OrderStatus.Fulfilled, default);
        foreach (HttpResponseMessage watcher in watchers)
        {
            using var lines = new StreamReader(await watcher.Content.ReadAsStreamAsync());
            while (await NextAsync(lines, time, TimeSpan.FromMilliseconds(500)) is { } line && !line.Contains("FULFILLED", StringComparison.Ordinal))
            {
            }
        }

        Assert.InRange(gateway.Statuses.Calls - before, 1, 40);
    }

    /// <summary>The next line that isn't blank; time moves on in steps until it is there, since the server may not have armed its timer yet.</summary>
    private static async Task<string?> NextAsync(StreamReader lines, FakeTimeProvider time, TimeSpan step)
    {
        string? line;
        do
        {
            Task<string?> reading = lines.ReadLineAsync();
            using var patience = new CancellationTokenSource(GatewayHost.Patience);
            while (!reading.IsCompleted)
            {
                Assert.False(patience.IsCancellationRequested, "waited for the next line of the event stream");
                time.Advance(step);
                await Task.WhenAny(reading, Task.Delay(20));
            }

            line = await reading;
        }
        while (line?.Length == 0);
        return line;
    }
}
