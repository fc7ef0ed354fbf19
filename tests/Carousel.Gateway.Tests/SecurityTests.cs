using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Carousel.Gateway.Security;
using Carousel.Orders;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Gateway.Tests;

public sealed class SecurityTests
{
    private const string ShopKey = "shop-key-0123456789";
    private const string OtherKey = "other-key-0123456789";
    private const string WriterKey = "writer-key-0123456789";
    private const string OperatorKey = "operator-key-0123456789";

    [Fact]
    public async Task Without_a_valid_key_everything_about_orders_is_401()
    {
        await using GatewayHost gateway = await StartAsync();
        foreach (HttpClient client in (HttpClient[])[gateway.Client, gateway.NewClient("wrong-key-0123456789"), gateway.NewClient("")])
        {
            using HttpResponseMessage post = await gateway.PostAsync(Bodies.Sound, client: client);
            using HttpResponseMessage get = await client.GetAsync("/orders/x");
            using HttpResponseMessage batch = await client.PostAsync("/orders/batch", null);

            await PostOrderTests.AssertProblemAsync(post, HttpStatusCode.Unauthorized, "unauthorized");
            await PostOrderTests.AssertProblemAsync(get, HttpStatusCode.Unauthorized, "unauthorized");
            await PostOrderTests.AssertProblemAsync(batch, HttpStatusCode.Unauthorized, "unauthorized");
            Assert.Equal("Bearer", post.Headers.WwwAuthenticate.Single().Scheme);
        }

        Assert.Empty(gateway.Log.Records);
        Assert.DoesNotContain(gateway.Lines.Lines, line => line.Contains("wrong-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_without_the_scope_is_403()
    {
        await using GatewayHost gateway = await StartAsync();

        using HttpResponseMessage get = await gateway.NewClient(WriterKey).GetAsync("/orders/x");
        using HttpResponseMessage post = await gateway.PostAsync(Bodies.Sound, client: gateway.NewClient(OperatorKey));

        await PostOrderTests.AssertProblemAsync(get, HttpStatusCode.Forbidden, "forbidden");
        await PostOrderTests.AssertProblemAsync(post, HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    public async Task A_client_reads_its_own_orders_only_and_an_operator_all()
    {
        await using GatewayHost gateway = await StartAsync();
        (_, JsonNode posted) = await gateway.PostJsonAsync(Bodies.Sound, client: gateway.NewClient(ShopKey));
        string unrecorded = (string)posted["orderId"]!;
        gateway.Statuses.Views["recorded"] = new OrderStatusView(OrderId.Parse("recorded"), "shop", OrderStatus.Validated, default);
        gateway.Statuses.Views["foreign"] = new OrderStatusView(OrderId.Parse("foreign"), null, OrderStatus.Validated, default);

        Assert.Equal((int[])[200, 200, 404], await StatusesAsync(gateway, ShopKey, unrecorded, "recorded", "foreign"));
        Assert.Equal((int[])[404, 404, 404], await StatusesAsync(gateway, OtherKey, unrecorded, "recorded", "foreign"));
        Assert.Equal((int[])[200, 200, 200], await StatusesAsync(gateway, OperatorKey, unrecorded, "recorded", "foreign"));
        Assert.Equal("shop", Assert.Single(gateway.Log.Records).Client);
    }

    [Fact]
    public async Task The_same_idempotency_key_of_two_clients_is_two_orders()
    {
        await using GatewayHost gateway = await StartAsync();

        (_, JsonNode one) = await gateway.PostJsonAsync(Bodies.Sound, "k", gateway.NewClient(ShopKey));
        (HttpStatusCode status, JsonNode other) = await gateway.PostJsonAsync(Bodies.WithLine(), "k", gateway.NewClient(OtherKey));

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.NotEqual((string)one["orderId"]!, (string)other["orderId"]!);
    }

    [Fact]
    public async Task A_key_may_come_as_X_Api_Key()
    {
        await using GatewayHost gateway = await StartAsync();
        using HttpClient client = gateway.NewClient(null);
        client.DefaultRequestHeaders.Add("X-Api-Key", ShopKey);

        using HttpResponseMessage response = await gateway.PostAsync(Bodies.Sound, client: client);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Over_the_limit_is_429_with_Retry_After_for_that_client_alone()
    {
        var time = new FakeTimeProvider();
        await using GatewayHost gateway = await StartAsync(options => (options.RequestsPerSecondMax, options.RequestBurstMax) = (0.5, 2), time);
        HttpClient shop = gateway.NewClient(ShopKey);
        await gateway.PostJsonAsync(Bodies.Sound, client: shop);
        await gateway.PostJsonAsync(Bodies.Sound, client: shop);

        using HttpResponseMessage limited = await gateway.PostAsync(Bodies.Sound, client: shop);
        (HttpStatusCode other, _) = await gateway.PostJsonAsync(Bodies.Sound, client: gateway.NewClient(OtherKey));
        time.Advance(TimeSpan.FromSeconds(2));
        (HttpStatusCode later, _) = await gateway.PostJsonAsync(Bodies.Sound, client: shop);

        await PostOrderTests.AssertProblemAsync(limited, HttpStatusCode.TooManyRequests, "rate-limited");
        Assert.Equal(TimeSpan.FromSeconds(2), limited.Headers.RetryAfter!.Delta);
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (other, later));
    }

    [Fact]
    public void A_bucket_never_gives_more_than_burst_and_rate()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(10, 5, time);
        int taken = 0;
        for (int i = 0; i < 1_000; i++)
        {
            taken += bucket.TryTake(out _) ? 1 : 0;
            time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(taken, 103, 105);
    }

    [Fact]
    public async Task Without_keys_another_host_name_is_refused()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "/orders/x") { Headers = { Host = "evil.example" } };

        using HttpResponseMessage response = await gateway.Client.SendAsync(request);

        await PostOrderTests.AssertProblemAsync(response, HttpStatusCode.MisdirectedRequest, "misdirected-request");
    }

    private static Task<GatewayHost> StartAsync(Action<GatewayOptions>? set = null, TimeProvider? time = null) => GatewayHost.StartAsync(
        options =>
        {
            options.ApiKeys =
            [
                new() { Client = "shop", Key = ShopKey, Scopes = ["orders:write", "orders:read"] },
                new() { Client = "other", KeySha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(OtherKey))), Scopes = ["orders:write", "orders:read"] },
                new() { Client = "writer", Key = WriterKey, Scopes = ["orders:write"] },
                new() { Client = "desk", Key = OperatorKey, Scopes = ["operator"] },
            ];
            set?.Invoke(options);
        },
        time);

    private static async Task<int[]> StatusesAsync(GatewayHost gateway, string key, params string[] ids)
    {
        using HttpClient client = gateway.NewClient(key);
        var statuses = new List<int>();
        foreach (string id in ids)
        {
            using HttpResponseMessage response = await client.GetAsync($"/orders/{id}");
            statuses.Add((int)response.StatusCode);
        }

        return [.. statuses];
    }
}
