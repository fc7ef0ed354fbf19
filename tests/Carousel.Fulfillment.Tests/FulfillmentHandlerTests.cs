using System.Diagnostics.Metrics;
using System.Text;
using Carousel.Fulfillment.Payments;
using Carousel.Fulfillment.Tests.Payments;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Carousel.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Fulfillment.Tests;

public sealed class FulfillmentHandlerTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, 123, 456, TimeSpan.Zero);
    private static readonly DateTimeOffset ChargedAt = Now.AddMilliseconds(-50);
    private static readonly ChargeOutcome.Captured Captured = new("ch_1", ChargedAt, 5m, "GBP");
    private static readonly ChargeOutcome.Unknown Unknown = new("no answer", RetryAfter: TimeSpan.FromSeconds(3));
    private static readonly ChargeLookup.NotFound NotFound = new();

    private readonly CarouselTopics _topics = new();
    private readonly MemoryRegistry _registry = new();
    private readonly OrderValues _values;
    private readonly FakeTimeProvider _time = new(Now);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public FulfillmentHandlerTests() => _values = new OrderValues(_topics, _registry);

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task A_captured_charge_makes_a_fulfilled_order()
    {
        SourceRecord record = await RecordAsync();
        OutputRecord output = Assert.Single(Assert.IsType<Outcome.Completed>(await HandleAsync(record, new ScriptedGateway([Captured], [NotFound]))).Outputs);
        Assert.Equal(_topics.OrdersFulfilled, output.Topic);
        Assert.Null(output.Partition);
        Assert.Same(record.Key, output.Key);
        Assert.Equal((OrderHeaders.Client, "shop"), (Assert.Single(output.Headers).Name, Encoding.UTF8.GetString(output.Headers[0].Value!)));
        FulfilledOrder fulfilled = (await _values.Fulfilled.DecodeAsync(output.Value, CancellationToken.None)).Value!;
        Assert.Equivalent(Order() with { Status = OrderStatus.Fulfilled }, fulfilled.Order, strict: true);
        Assert.Equal(new Payment("ch_1", 5m, "GBP", ChargedAt.UtcDateTime), fulfilled.Payment);
        Assert.Equal((Now.UtcDateTime.AddSeconds(-2), Now.UtcDateTime), (fulfilled.ValidatedAt, fulfilled.FulfilledAt));
    }

    [Fact]
    public async Task The_charge_is_asked_for_under_the_reference_of_the_order()
    {
        var gateway = new RecordingGateway(Captured);
        await HandleAsync(await RecordAsync(), gateway);
        await HandleAsync(await RecordAsync(), gateway);
        Assert.All(gateway.Requests, request =>
        {
            Assert.Equal("ord-1:charge:1", request.Reference);
            Assert.Equal(("ord-1", 5m, "GBP", "tok_visa_1"), (request.OrderId, request.Amount, request.Currency, request.Token));
        });
        Assert.Equal(2, gateway.Requests.Count);
    }

    [Fact]
    public async Task A_declined_card_is_a_rejection()
    {
        var letter = Assert.IsType<Outcome.DeadLettered>(await HandleAsync(await RecordAsync(), new ScriptedGateway([new ChargeOutcome.Declined("insufficient_funds", "No money.")], [NotFound])));
        Assert.Equal((DeadLetterKind.Rejection, DeadLetterReasons.PaymentDeclined, "ord-1"), (letter.Kind, letter.Reason, letter.Subject));
        Assert.Contains("insufficient_funds", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_is_a_defect_told_in_few_words()
    {
        var letter = Assert.IsType<Outcome.DeadLettered>(await HandleAsync(await RecordAsync(), new ScriptedGateway([new ChargeOutcome.Refused(new string('x', 5_000))], [NotFound])));
        Assert.Equal((DeadLetterKind.Defect, DeadLetterReasons.PaymentRefused), (letter.Kind, letter.Reason));
        Assert.Equal(500, letter.Detail.Length);
    }

    [Fact]
    public async Task An_unknown_outcome_is_retried_when_the_provider_wishes()
    {
        var retry = Assert.IsType<Outcome.Retry>(await HandleAsync(await RecordAsync(), new ScriptedGateway([Unknown], [NotFound])));
        Assert.InRange(retry.After!.Value, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));
        Assert.Equal("ord-1", retry.Subject);
    }

    [Fact]
    public async Task A_provider_that_is_down_opens_the_circuit() => Assert.Equal(
        "payment provider",
        Assert.IsType<Outcome.Unavailable>(await HandleAsync(await RecordAsync(), new ScriptedGateway([new ChargeOutcome.NotExecuted("refused", null, IsProviderDown: true)], [NotFound]))).Dependency);

    [Theory]
    [InlineData(true, "PAYMENT_UNKNOWN")]
    [InlineData(false, "PAYMENT_NOT_EXECUTED")]
    public async Task The_last_attempt_looks_the_charge_up_before_it_gives_up(bool isUnknown, string reason)
    {
        ChargeOutcome last = isUnknown ? Unknown : new ChargeOutcome.NotExecuted("429", null, IsProviderDown: false);
        var gateway = new ScriptedGateway([last], [NotFound]);
        var letter = Assert.IsType<Outcome.DeadLettered>(await HandleAsync(await RecordAsync(), gateway, attempt: 2, isLast: true));
        Assert.Equal((DeadLetterKind.Exhausted, reason), (letter.Kind, letter.Reason));
        Assert.Equal("look up", gateway.Calls[^1]);
    }

    [Fact]
    public async Task A_charge_found_on_the_last_attempt_fulfills_the_order() =>
        Assert.IsType<Outcome.Completed>(await HandleAsync(await RecordAsync(), new ScriptedGateway([Unknown], [NotFound, new ChargeLookup.Found(Captured)]), attempt: 2, isLast: true));

    [Fact]
    public async Task An_order_older_than_the_providers_memory_is_looked_up_first()
    {
        var gateway = new ScriptedGateway([Captured], [new ChargeLookup.Found(Captured)]);
        SourceRecord record = await RecordAsync(new ValidatedOrder(Order(), Now.UtcDateTime.AddHours(-23)));
        Assert.IsType<Outcome.Completed>(await HandleAsync(record, gateway));
        Assert.Equal(["look up"], gateway.Calls);
    }

    [Fact]
    public async Task What_validation_did_not_write_is_a_defect_and_never_charged()
    {
        var gateway = new ScriptedGateway([Captured], [NotFound]);
        SourceRecord sound = await RecordAsync();
        var defects = new List<(SourceRecord Record, string Reason)>
        {
            (sound with { Value = null }, DeadLetterReasons.Malformed),
            (sound with { Value = sound.Value![..^3] }, DeadLetterReasons.Malformed),
            (sound with { Value = [0, 0, 0, 0, 99, 1] }, DeadLetterReasons.UnknownSchema),
            (sound with { Key = null }, DeadLetterReasons.WrongKey),
            (sound with { Key = Encoding.UTF8.GetBytes("cust-2") }, DeadLetterReasons.WrongKey),
            (await RecordAsync(new ValidatedOrder(Order() with { Status = OrderStatus.Created }, Now.UtcDateTime)), DeadLetterReasons.WrongStatus),
            (await RecordAsync(new ValidatedOrder(Order() with { PaymentToken = "tok-1 " }, Now.UtcDateTime)), DeadLetterReasons.PaymentRefused),
        };
        foreach ((SourceRecord record, string reason) in defects)
        {
            var letter = Assert.IsType<Outcome.DeadLettered>(await HandleAsync(record, gateway));
            Assert.Equal((DeadLetterKind.Defect, reason), (letter.Kind, letter.Reason));
        }

        Assert.Empty(gateway.Calls);
    }

    [Theory]
    [InlineData(OrderPartitioning.Customer, "cust-1")]
    [InlineData(OrderPartitioning.Order, "ord-1")]
    public async Task The_key_is_what_the_topic_is_partitioned_by(OrderPartitioning partitioning, string key)
    {
        SourceRecord record = await RecordAsync() with { Key = Encoding.UTF8.GetBytes(key) };
        Assert.IsType<Outcome.Completed>(await HandleAsync(record, new ScriptedGateway([Captured], [NotFound]), partitioning: partitioning));
    }

    [Fact]
    public async Task An_absent_registry_is_waited_for_before_and_after_the_charge()
    {
        SourceRecord record = await RecordAsync();
        var gateway = new ScriptedGateway([Captured], [NotFound]);
        _registry.IsAway = true;
        Assert.Equal("schema registry", Assert.IsType<Outcome.Unavailable>(await HandleAsync(record, gateway)).Dependency);
        Assert.Empty(gateway.Calls);
        _registry.IsAway = false;
        gateway.OnCharge = () => _registry.IsAway = true;
        Assert.Equal("schema registry", Assert.IsType<Outcome.Unavailable>(await HandleAsync(record, gateway)).Dependency);
        gateway.OnCharge = null;
        _registry.IsAway = false;
        Assert.IsType<Outcome.Completed>(await HandleAsync(record, gateway));
    }

    private static Order Order()
    {
        OrderLine[] lines = [new("sku-1", 2, 2.5m)];
        return new Order(OrderId.Parse("ord-1"), "cust-1", OrderStatus.Validated, "GBP", 5m, lines, "tok_visa_1", Now.UtcDateTime.AddSeconds(-3));
    }

    private async Task<SourceRecord> RecordAsync(ValidatedOrder? validated = null) => new(
        new SourcePartition(_topics.OrdersValidated, 0), 0, Now.UtcDateTime, Encoding.UTF8.GetBytes("cust-1"),
        await _values.Validated.EncodeAsync(validated ?? new ValidatedOrder(Order(), Now.UtcDateTime.AddSeconds(-2)), CancellationToken.None),
        [new RecordHeader(OrderHeaders.Client, Encoding.UTF8.GetBytes("shop"))]);

    private ValueTask<Outcome> HandleAsync(
        SourceRecord record, IPaymentGateway gateway, int attempt = 1, bool isLast = false, OrderPartitioning partitioning = OrderPartitioning.Customer)
    {
        var options = new ChargeFlowOptions();
        var parts = new FulfillmentParts(_topics, _values, _services.GetRequiredService<IMeterFactory>(), NullLoggerFactory.Instance, _time);
        var handler = new FulfillmentHandler(new ChargeFlow(gateway, options, new Random(1), _time), options, new FulfillmentOptions { Partitioning = partitioning }, parts);
        return handler.HandleAsync(new Delivery(record, attempt, TimeSpan.Zero, isLast), CancellationToken.None);
    }

    private sealed class RecordingGateway(ChargeOutcome outcome) : IPaymentGateway
    {
        public List<ChargeRequest> Requests { get; } = [];

        public ValueTask<ChargeOutcome> ChargeAsync(ChargeRequest request, CancellationToken cancellationToken)
        {
            Requests.Add(request);
            return ValueTask.FromResult(outcome);
        }

        public ValueTask<ChargeLookup> FindAsync(ChargeRequest request, CancellationToken cancellationToken) => ValueTask.FromResult<ChargeLookup>(NotFound);

        public ValueTask<ChargeLookup> FindAsync(string reference, CancellationToken cancellationToken) => ValueTask.FromResult<ChargeLookup>(NotFound);
    }
}
