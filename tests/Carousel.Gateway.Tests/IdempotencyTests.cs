using System.Text.Json.Nodes;
using Carousel.Gateway.OrderLog;
using Carousel.Orders;

namespace Carousel.Gateway.Tests;

public sealed class IdempotencyTests
{
    [Fact]
    public async Task A_hundred_posts_of_one_key_at_the_same_time_are_one_record()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var release = new TaskCompletionSource();
        gateway.Log.BeforeWrite = _ => release.Task;

        Task<(HttpStatusCode Status, JsonNode Body)>[] posts = [.. Enumerable.Range(0, 100).Select(_ => gateway.PostJsonAsync(Bodies.Sound, "key-1"))];
        release.SetResult();
        (HttpStatusCode Status, JsonNode Body)[] answers = await Task.WhenAll(posts);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Single(answers.Select(answer => (string)answer.Body["orderId"]!).Distinct());
        Assert.Single(gateway.Log.Records);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_id_on_another_instance()
    {
        await using GatewayHost one = await GatewayHost.StartAsync();
        await using GatewayHost other = await GatewayHost.StartAsync();

        (_, JsonNode first) = await one.PostJsonAsync(Bodies.Sound, "536365");
        (_, JsonNode second) = await other.PostJsonAsync(Bodies.Sound, "536365");

        Assert.Equal((string)first["orderId"]!, (string)second["orderId"]!);
    }

    [Fact]
    public async Task Without_a_key_the_same_body_is_another_order()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        (_, JsonNode first) = await gateway.PostJsonAsync(Bodies.Sound);
        (_, JsonNode second) = await gateway.PostJsonAsync(Bodies.Sound);

        Assert.NotEqual((string)first["orderId"]!, (string)second["orderId"]!);
        Assert.Equal(2, gateway.Log.Records.Count);
    }

    [Fact]
    public async Task Another_body_under_a_key_of_just_now_is_422()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        await gateway.PostJsonAsync(Bodies.Sound, "key-1");

        using HttpResponseMessage response = await gateway.PostAsync(Bodies.With(customerId: "\"cust-2\""), "key-1");

        await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        Assert.Single(gateway.Log.Records);
    }

    [Fact]
    public async Task Another_body_under_a_key_that_only_the_store_remembers_is_422()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        Record(gateway, await PostElsewhereAsync("key-1"), OrderStatus.Validated);

        using HttpResponseMessage response = await gateway.PostAsync(Bodies.With(customerId: "\"cust-2\""), "key-1");

        await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        Assert.Empty(gateway.Log.Records);
    }

    [Fact]
    public async Task A_known_order_is_answered_with_its_status_and_not_written_again()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        Order order = await PostElsewhereAsync("key-1");
        Record(gateway, order, OrderStatus.Fulfilled);

        (HttpStatusCode status, JsonNode body) = await gateway.PostJsonAsync(Bodies.Sound, "key-1");
        Record(gateway, order, OrderStatus.Rejected);
        (_, JsonNode later) = await gateway.PostJsonAsync(Bodies.Sound, "key-1");

        Assert.Equal((HttpStatusCode.Accepted, "FULFILLED", "REJECTED"), (status, (string)body["status"]!, (string)later["status"]!));
        Assert.Empty(gateway.Log.Records);
    }

    [Fact]
    public async Task A_store_that_is_away_stops_no_order()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Statuses.IsDown = true;

        (HttpStatusCode first, _) = await gateway.PostJsonAsync(Bodies.Sound, "key-1");
        (HttpStatusCode second, _) = await gateway.PostJsonAsync(Bodies.Sound, "key-1");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first, second));
        Assert.Single(gateway.Log.Records);
        Assert.Single(gateway.Lines.Lines, line => line.Contains("status store can't be asked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_503_the_same_key_is_tried_anew()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Log.Fail(OrderLogFailure.NotWritten);
        (HttpStatusCode refused, _) = await gateway.PostJsonAsync(Bodies.Sound, "key-1");
        gateway.Log.BeforeWrite = _ => Task.CompletedTask;

        (HttpStatusCode accepted, _) = await gateway.PostJsonAsync(Bodies.Sound, "key-1");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.Accepted), (refused, accepted));
        Assert.Single(gateway.Log.Records);
    }

    [Fact]
    public async Task A_caller_that_leaves_doesn_t_undo_the_order_for_those_who_stay()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var reached = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        gateway.Log.BeforeWrite = _ =>
        {
            reached.SetResult();
            return release.Task;
        };
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = GatewayHost.Body(Bodies.Sound, "application/json") };
        request.Headers.Add("Idempotency-Key", "key-1");
        Task<HttpResponseMessage> first = gateway.Client.SendAsync(request, leaving.Token);
        await reached.Task.WaitAsync(GatewayHost.Patience);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Task<(HttpStatusCode Status, JsonNode Body)> second = gateway.PostJsonAsync(Bodies.Sound, "key-1");
        release.SetResult();

        Assert.Equal(HttpStatusCode.Accepted, (await second).Status);
        Assert.Single(gateway.Log.Records);
    }

    [Fact]
    public async Task The_memory_of_recent_orders_is_bounded()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => options.RecentOrdersMax = 2);
        foreach (string key in (string[])["a", "b", "c"])
        {
            await gateway.PostJsonAsync(Bodies.Sound, key);
        }

        // Forgotten here, and the store doesn't know it either: written again, and validation drops it by its id.
        await gateway.PostJsonAsync(Bodies.Sound, "a");
        await gateway.PostJsonAsync(Bodies.Sound, "c");

        Assert.Equal(4, gateway.Log.Records.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("caf\u00e9")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_400(string key)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = GatewayHost.Body(Bodies.Sound, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key == "256" ? new string('k', 256) : key);
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 }) { BaseAddress = gateway.Client.BaseAddress };

        using HttpResponseMessage response = await client.SendAsync(request);

        await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.BadRequest, "invalid-idempotency-key");
    }

    private static async Task<Order> PostElsewhereAsync(string key)
    {
        await using GatewayHost other = await GatewayHost.StartAsync();
        await other.PostJsonAsync(Bodies.Sound, key);
        return await other.DecodeAsync(Assert.Single(other.Log.Records));
    }

    private static void Record(GatewayHost gateway, Order order, OrderStatus status) =>
        gateway.Statuses.Views[order.OrderId.ToString()] = new OrderStatusView(order.OrderId, "local", status, OrderFingerprint.Of(order));
}
