using System.Text.Json.Nodes;
using Carousel.Gateway.OrderLog;
using Carousel.Gateway.Security;
using Carousel.Orders.Avro;

namespace Carousel.Gateway.Tests;

public sealed class StartTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "loopback only")]
    [InlineData("http://*:8080", "loopback only")]
    [InlineData("http://192.168.1.1:8080", "loopback only")]
    [InlineData("http://[::]:8080", "loopback only")]
    [InlineData("https://127.0.0.1:8080", "https is not for it")]
    [InlineData("http://shop.example:80", "IP address")]
    [InlineData("127.0.0.1:8080", "must look like")]
    [InlineData("http://127.0.0.1:8080/base", "without a path")]
    public void An_address_that_can_t_be_is_refused_with_what_to_do(string url, string expected)
    {
        GatewayOptions options = GatewayHost.Options();
        options.Url = url;

        Assert.Contains(expected, Assert.Throws<GatewayOptionsException>(() => Build(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[::1]:8080")]
    public async Task Loopback_needs_no_keys(string url)
    {
        GatewayOptions options = GatewayHost.Options();
        options.Url = url;

        await Build(options).DisposeAsync();
    }

    [Theory]
    [InlineData("", "long-enough-key-1", null, "orders:read", "Client")]
    [InlineData("a", "short", null, "orders:read", "16 characters")]
    [InlineData("a", null, "zz", "orders:read", "64 hex")]
    [InlineData("a", null, null, "orders:read", "either Key")]
    [InlineData("a", "long-enough-key-1", null, "orders:delete", "unknown scope orders:delete")]
    public void A_key_entry_that_can_t_be_is_named(string client, string? key, string? hash, string scope, string expected)
    {
        GatewayOptions options = GatewayHost.Options();
        options.ApiKeys = [new() { Client = client, Key = key, KeySha256 = hash, Scopes = [scope] }];

        string message = Assert.Throws<GatewayOptionsException>(() => Build(options)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain("long-enough", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_are_all_named()
    {
        GatewayOptions options = GatewayHost.Options();
        (options.BodyBytesMax, options.AcceptTimeLimit) = (1, TimeSpan.FromHours(1));

        string message = Assert.Throws<GatewayOptionsException>(() => Build(options)).Message;

        Assert.Contains("BodyBytesMax", message, StringComparison.Ordinal);
        Assert.Contains("AcceptTimeLimit", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_secret_for_ids_it_says_how_to_make_one()
    {
        GatewayOptions options = GatewayHost.Options();
        options.OrderIdKey = null;

        Assert.Contains("openssl rand -hex 32", Assert.Throws<GatewayOptionsException>(() => Build(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_s_file_is_made_once_for_its_owner_only()
    {
        string folder = Directory.CreateTempSubdirectory("carousel-").FullName;
        try
        {
            var options = new GatewayOptions { OrderIdKeyFile = Path.Combine(folder, "new", "order-id.key") };

            byte[][] keys = new byte[8][];
            Parallel.For(0, keys.Length, i => keys[i] = OrderIdKey.Load(options));

            Assert.Equal(32, keys[0].Length);
            Assert.All(keys, key => Assert.Equal(keys[0], key));
            Assert.Single(Directory.GetFiles(Path.Combine(folder, "new")));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.OrderIdKeyFile));
            }

            File.WriteAllText(options.OrderIdKeyFile, "not hex");
            Assert.Contains(options.OrderIdKeyFile, Assert.Throws<GatewayOptionsException>(() => OrderIdKey.Load(options)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_start_waits_for_a_registry_that_isn_t_up_yet()
    {
        var registry = new FakeRegistry(failures: 2);

        await using GatewayHost gateway = await GatewayHost.StartAsync(registry: registry);

        Assert.Equal(3, registry.Calls);
        Assert.Equal(2, gateway.Lines.Lines.Count(line => line.Contains("registry isn't there yet", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_registry_that_never_comes_ends_the_start_with_its_reason()
    {
        await Assert.ThrowsAsync<RegistryUnavailableException>(() => GatewayHost.StartAsync(
            options => options.RegistryWait = TimeSpan.Zero, registry: new FakeRegistry(failures: int.MaxValue)));
    }

    [Fact]
    public async Task Health_says_alive_and_whether_orders_can_be_taken()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        using HttpResponseMessage live = await gateway.Client.GetAsync("/health/live");
        using HttpResponseMessage ready = await gateway.Client.GetAsync("/health/ready");
        gateway.Log.Trouble = "Kafka is away.";
        using HttpResponseMessage notReady = await gateway.Client.GetAsync("/health/ready");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (live.StatusCode, ready.StatusCode, notReady.StatusCode));
        Assert.Equal("Kafka is away.", (string)(await GatewayHost.JsonAsync(notReady))["detail"]!);
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_every_route()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();

        JsonNode document = JsonNode.Parse(await gateway.Client.GetStringAsync("/openapi/v1.json"))!;

        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        string[] operations = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}")).Order()];
        Assert.Equal(["get /health/live", "get /health/ready", "get /orders/{id}", "get /orders/{id}/events", "post /orders", "post /orders/batch"], operations);
        JsonNode post = document["paths"]!["/orders"]!["post"]!;
        Assert.Equal(["202", "400", "401", "403", "413", "415", "422", "429", "500", "503"], post["responses"]!.AsObject().Select(response => response.Key).Order());
        Assert.NotNull(post["responses"]!["422"]!["content"]!["application/problem+json"]);
        Assert.NotNull(post["responses"]!["503"]!["headers"]!["Retry-After"]);
        Assert.Equal("Idempotency-Key", (string)post["parameters"]![0]!["name"]!);
        Assert.NotNull(post["requestBody"]!["content"]!["application/json"]);
        Assert.Single(document["paths"]!["/orders/{id}"]!["get"]!["parameters"]!.AsArray());
    }

    private static WebApplication Build(GatewayOptions options) => GatewayServer.Build(
        options, new FakeRegistry(), new FakeStatusReader(), builder => builder.Services.AddSingleton<IOrderLog>(new FakeOrderLog()));
}
