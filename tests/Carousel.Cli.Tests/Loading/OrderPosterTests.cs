using System.Net;
using Carousel.Cli.Loading;

namespace Carousel.Cli.Tests.Loading;

public sealed class OrderPosterTests
{
    private const int OrderCount = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Each_order_ends_accepted_or_refused_however_the_gateway_fails_at_first(int batchSize)
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync(FailingAtFirst);
        PostingResult result = await PostAsync(gateway, new OrderPosterOptions { BatchSize = batchSize, KeepOrderIds = true });

        Assert.Equal((OrderCount, 180L, 20L, 0L), (result.Posted, result.Accepted, result.Refused, result.GivenUp));
        Assert.Equal(180, result.Statuses[HttpStatusCode.Accepted]);
        Assert.Equal(20, result.Statuses[HttpStatusCode.BadRequest]);
        Assert.Equal(20, result.RefusalCodes["INVALID_QUANTITY"]);
        Assert.Equal("quantity must be at least 1.", result.RefusalExamples[0].Detail);
        Assert.True(result.Retries >= 80, $"{result.Retries} retries");
        Assert.True(result.ConnectionErrors > 0, "the cut connections were counted");
        Assert.Equal(OrderCount, result.Latency.Count);
        Assert.Equal(180, result.OrderIds!.Count);
        Assert.All(result.OrderIds.Pairs(), pair => Assert.Equal($"ord-{pair.IdempotencyKey}", pair.OrderId));
        Assert.Equal(Enumerable.Range(0, OrderCount).Select(Key).Order(), gateway.Attempts.Keys.Order());
    }

    [Fact]
    public async Task An_order_is_posted_as_the_api_wants_it()
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202);
        var order = new OrderToPost("key-1", "cust-1", "GBP", "tok_1", [new LineToPost("85123A", 6, "2.550")]);
        await PostAsync(gateway, new OrderPosterOptions { ApiKey = "secret" }, order);
        await PostAsync(gateway, new OrderPosterOptions { BatchSize = 10 }, order);

        const string Rest = """
            "customerId":"cust-1","currency":"GBP","lines":[{"sku":"85123A","quantity":6,"unitPrice":"2.550"}],"paymentToken":"tok_1"}
            """;
        Assert.Equal(["{" + Rest, """{"idempotencyKey":"key-1",""" + Rest], gateway.Bodies);
        Assert.Equal(["Bearer secret"], gateway.Authorizations);
        Assert.Equal(2, gateway.Attempts["key-1"]);
    }

    [Fact]
    public async Task Requests_under_way_are_as_many_as_allowed()
    {
        var gate = new TaskCompletionSource();
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202, gate: gate.Task);
        Task<PostingResult> posting = PostAsync(gateway, new OrderPosterOptions { Concurrency = 8 });
        gate.SetResult();

        Assert.Equal(OrderCount, (await posting).Accepted);
        Assert.InRange(gateway.UnderWayMax, 1, 8);
    }

    [Fact]
    public async Task An_order_that_is_turned_away_for_too_long_is_given_up()
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 503);
        PostingResult result = await PostAsync(
            gateway, new OrderPosterOptions { GiveUpAfter = TimeSpan.FromMilliseconds(300), Concurrency = OrderCount });

        Assert.Equal((OrderCount, 0L, OrderCount), (result.Posted, result.Accepted, result.GivenUp));
        Assert.Equal(OrderCount, result.Statuses[HttpStatusCode.ServiceUnavailable]);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_given_up()
    {
        using var poster = new OrderPoster(
            new OrderPosterOptions { Gateway = new Uri("http://127.0.0.1:1"), GiveUpAfter = TimeSpan.FromMilliseconds(100) }, TimeProvider.System);
        PostingResult result = await poster.RunAsync(Orders().Take(3), null, null, CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((3L, 3L), (result.Posted, result.GivenUp));
        Assert.Empty(result.Statuses);
    }

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, attempt) => attempt == 1 ? 429 : 202, retryAfter: "1");
        PostingResult result = await PostAsync(gateway, new OrderPosterOptions(), Orders().First());

        Assert.Equal((1L, 1L), (result.Accepted, result.Retries));
        Assert.InRange(result.Latency.Max, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task At_a_rate_no_order_goes_out_before_its_time_and_a_stall_counts_against_every_order_that_was_due()
    {
        // One request at a time and the first one held back: the orders behind it are sent late, and their latency says so.
        var gate = new TaskCompletionSource();
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202, gate: gate.Task);
        Task<PostingResult> posting = PostAsync(gateway, new OrderPosterOptions { Concurrency = 1, RatePerSecond = 400 });
        using var due = new PeriodicTimer(TimeSpan.FromSeconds(OrderCount / 400.0));
        Assert.True(await due.WaitForNextTickAsync());
        gate.SetResult();
        PostingResult result = await posting;

        Assert.Equal(OrderCount, result.Accepted);
        Assert.True(result.Latency.Max >= TimeSpan.FromSeconds(0.45), $"the first order waited {result.Latency.Max}");
        Assert.True(result.Latency.P50 >= TimeSpan.FromSeconds(0.2), $"half of the orders were due in the first half of the stall, and waited {result.Latency.P50}");
    }

    [Fact]
    public async Task At_a_rate_a_run_takes_its_time()
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202);
        PostingResult result = await PostAsync(gateway, new OrderPosterOptions { RatePerSecond = 400 });

        // Less a moment: the pace and what is measured begin at two readings of the clock.
        Assert.InRange(result.Elapsed, TimeSpan.FromSeconds((OrderCount - 1) / 400.0) - TimeSpan.FromMilliseconds(20), Patience);
    }

    [Fact]
    public async Task Progress_tells_counts_and_ends_with_all()
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202);
        var reports = new Reports();
        using var poster = new OrderPoster(new OrderPosterOptions { Gateway = gateway.Address }, TimeProvider.System);
        await poster.RunAsync(Orders(), OrderCount, reports, CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((OrderCount, (long?)OrderCount, TimeSpan.Zero), (reports.Last!.Answered, reports.Last.Expected, reports.Last.TimeLeft));
    }

    [Fact]
    public async Task Cancelling_ends_the_run()
    {
        var gate = new TaskCompletionSource();
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202, gate: gate.Task);
        using var cancellation = new CancellationTokenSource();
        using var poster = new OrderPoster(new OrderPosterOptions { Gateway = gateway.Address }, TimeProvider.System);
        Task<PostingResult> posting = poster.RunAsync(Orders(), null, null, cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting.WaitAsync(Patience));
        gate.SetResult();
    }

    [Fact]
    public async Task A_file_that_breaks_off_surfaces_after_what_came_before_it()
    {
        await using FakeGateway gateway = await FakeGateway.StartAsync((_, _) => 202);

        await Assert.ThrowsAsync<LoadingException>(() => PostAsync(gateway, new OrderPosterOptions(), Broken()));

        Assert.Equal(5, gateway.Attempts.Count);
    }

    /// <summary>A tenth is no order; of the rest, some are turned away, fail, or are cut off on their first attempt.</summary>
    private static int FailingAtFirst(string key, int attempt) => (int.Parse(key.AsSpan(4)) % 10, attempt) switch
    {
        (3, _) => 400,
        (4, 1) => 503,
        (5, 1) => 429,
        (6, 1) => 500,
        (7, 1) => FakeGateway.Reset,
        _ => 202,
    };

    private static IEnumerable<OrderToPost> Broken()
    {
        foreach (OrderToPost order in Orders().Take(5))
        {
            yield return order;
        }

        throw new LoadingException("orders.csv, line 7: broken.");
    }

    private static string Key(int i) => $"key-{i:D4}";

    private static IEnumerable<OrderToPost> Orders() =>
        Enumerable.Range(0, OrderCount).Select(i => new OrderToPost(Key(i), "cust-1", "GBP", "tok_1", [new LineToPost("sku-1", 1, "1.00")]));

    private static Task<PostingResult> PostAsync(FakeGateway gateway, OrderPosterOptions options) => PostAsync(gateway, options, Orders());

    private static Task<PostingResult> PostAsync(FakeGateway gateway, OrderPosterOptions options, OrderToPost order) => PostAsync(gateway, options, [order]);

    private static async Task<PostingResult> PostAsync(FakeGateway gateway, OrderPosterOptions options, IEnumerable<OrderToPost> orders)
    {
        options.Gateway = gateway.Address;
        using var poster = new OrderPoster(options, TimeProvider.System);
        return await poster.RunAsync(orders, null, null, CancellationToken.None).WaitAsync(Patience);
    }

    private sealed class Reports : IProgress<PostingProgress>
    {
        public PostingProgress? Last { get; private set; }

        public void Report(PostingProgress value) => Last = value;
    }
}
