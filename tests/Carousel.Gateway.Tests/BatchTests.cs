using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Carousel.Gateway.OrderLog;

namespace Carousel.Gateway.Tests;

public sealed class BatchTests
{
    [Fact]
    public async Task Every_line_is_answered_in_its_turn()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => options.BatchLineBytesMax = 1_024);
        string[] lines =
        [
            Bodies.Sound,
            "",
            Bodies.WithLine(quantity: "-1"),
            "nonsense",
            new string(' ', 5_000) + Bodies.Sound,
            Bodies.With(extra: ",\"idempotencyKey\":\"k\"") + "\r",
            Bodies.With(extra: ",\"idempotencyKey\":\"k\""),
            Bodies.With(customerId: "\"other\"", extra: ",\"idempotencyKey\":\"k\""),
            Bodies.With(extra: ",\"idempotencyKey\":\" \""),
        ];

        IReadOnlyList<JsonNode> answers = await PostAsync(gateway, string.Join('\n', lines));

        Assert.Equal(
            "1 202, 3 400, 4 400, 5 413, 6 202, 7 202, 8 422, 9 400",
            string.Join(", ", answers.Select(answer => $"{answer["line"]} {answer["status"]}")));
        Assert.Equal((string)answers[4]["orderId"]!, (string)answers[5]["orderId"]!);
        Assert.Equal("CREATED", (string)answers[0]["orderStatus"]!);
        Assert.Equal("urn:carousel:problem:invalid-order", (string)answers[1]["problem"]!["type"]!);
        Assert.Equal("lines[0].quantity", (string)answers[1]["problem"]!["errors"]![0]!["field"]!);
        Assert.Equal(2, gateway.Log.Records.Count);
    }

    [Fact]
    public async Task Five_thousand_orders_come_back_in_order_with_no_more_in_flight_than_allowed()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => options.BatchOrdersInFlightMax = 100);
        int inFlight = 0;
        var seen = new ConcurrentBag<int>();
        gateway.Log.BeforeWrite = async _ =>
        {
            seen.Add(Interlocked.Increment(ref inFlight));
            await Task.Yield();
            Interlocked.Decrement(ref inFlight);
        };

        IReadOnlyList<JsonNode> answers = await PostAsync(gateway, string.Concat(Enumerable.Repeat(Bodies.Sound + "\n", 5_000)));

        Assert.Equal(Enumerable.Range(1, 5_000), answers.Select(answer => (int)answer["line"]!));
        Assert.All(answers, answer => Assert.Equal(202, (int)answer["status"]!));
        Assert.Equal(5_000, answers.Select(answer => (string)answer["orderId"]!).Distinct().Count());
        Assert.InRange(seen.Max(), 1, 102);
    }

    [Theory]
    [InlineData(10, 4 * 1_048_576)]
    [InlineData(1_000, 2_000)]
    public async Task A_log_that_doesn_t_answer_holds_up_the_reading(int ordersMax, int bytesMax)
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => (options.BatchOrdersInFlightMax, options.BatchBytesInFlightMax) = (ordersMax, bytesMax));
        var release = new TaskCompletionSource();
        int begun = 0;
        gateway.Log.BeforeWrite = _ =>
        {
            Interlocked.Increment(ref begun);
            return release.Task;
        };

        Task<IReadOnlyList<JsonNode>> posting = PostAsync(gateway, string.Concat(Enumerable.Repeat(Bodies.Sound + "\n", 2_000)));
        await UntilAsync(() => Volatile.Read(ref begun) >= 10, "ten orders to be begun");
        int held = Volatile.Read(ref begun);
        release.SetResult();

        Assert.InRange(held, 10, 20);
        Assert.Equal(2_000, (await posting).Count);
    }

    [Fact]
    public async Task Results_come_while_the_request_is_still_being_sent()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        using var connection = new System.Net.Sockets.TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port);
        await using System.Net.Sockets.NetworkStream stream = connection.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /orders/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (int i = 1; i <= 3; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes(Bodies.Sound + "\n");
            await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"{line.Length:x}\r\n"), .. line, .. "\r\n"u8]);

            string? answer = "";
            while (answer is not null && !answer.StartsWith('{'))
            {
                answer = await reader.ReadLineAsync().WaitAsync(GatewayHost.Patience);
            }

            Assert.Contains($"\"line\":{i},\"status\":202", answer, StringComparison.Ordinal);
        }

        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        Assert.Equal(3, gateway.Log.Records.Count);
    }

    [Fact]
    public async Task A_log_that_is_away_is_each_line_s_503()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        gateway.Log.Fail(OrderLogFailure.NotWritten);

        IReadOnlyList<JsonNode> answers = await PostAsync(gateway, $"{Bodies.Sound}\n{Bodies.Sound}\n");

        Assert.Equal([503, 503], answers.Select(answer => (int)answer["status"]!));
    }

    [Fact]
    public async Task Another_media_type_is_415_and_one_batch_too_many_503()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync(options => options.BatchStreamsMax = 1);
        using HttpResponseMessage json = await gateway.Client.PostAsync("/orders/batch", GatewayHost.Body(Bodies.Sound, "application/json"));
        await PostOrderTests.AssertProblemAsync(json, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");

        var reached = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        gateway.Log.BeforeWrite = _ =>
        {
            reached.SetResult();
            return release.Task;
        };
        Task<IReadOnlyList<JsonNode>> first = PostAsync(gateway, Bodies.Sound);
        await reached.Task.WaitAsync(GatewayHost.Patience);
        using HttpResponseMessage second = await gateway.Client.PostAsync("/orders/batch", GatewayHost.Body(Bodies.Sound, "application/x-ndjson"));
        release.SetResult();

        await PostOrderTests.AssertProblemAsync(second, HttpStatusCode.ServiceUnavailable, "overloaded");
        Assert.Single(await first);
    }

    private static async Task<IReadOnlyList<JsonNode>> PostAsync(GatewayHost gateway, string body)
    {
        using HttpResponseMessage response = await gateway.Client.PostAsync("/orders/batch", GatewayHost.Body(body, "application/x-ndjson"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string text = await response.Content.ReadAsStringAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private static async Task UntilAsync(Func<bool> reached, string what)
    {
        using var patience = new CancellationTokenSource(GatewayHost.Patience);
        while (!reached())
        {
            Assert.False(patience.IsCancellationRequested, $"waited {GatewayHost.Patience} for {what}");
            await Task.Yield();
        }
    }
}
