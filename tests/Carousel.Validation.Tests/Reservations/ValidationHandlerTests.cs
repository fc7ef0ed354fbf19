using System.Text;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Stages;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Tests.Reservations;

public sealed class ValidationHandlerTests : IAsyncLifetime
{
    private readonly Shop _shop = new();

    public async ValueTask InitializeAsync()
    {
        await _shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active), new Customer("cust-2", CustomerStatus.Active), new Customer("cust-bad", CustomerStatus.Blocked));
        await _shop.SeedAsync(new StockItem("sku-1", 10), new StockItem("sku-2", 5));
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_sound_order_is_reserved_and_goes_on_as_validated()
    {
        Order order = Shop.Order("ord-1", "cust-1", ("sku-1", 2), ("sku-2", 1), ("sku-1", 3));
        SourceRecord record = await _shop.RecordAsync(order, offset: 7, partition: 3);
        OutputRecord output = Assert.Single(Assert.IsType<Outcome.Completed>(await _shop.ValidateAsync(record)).Outputs);
        Assert.Equal(_shop.Topics.OrdersValidated, output.Topic);
        Assert.Null(output.Partition);
        Assert.Equal("cust-1"u8, output.Key!);
        Assert.Equal([new RecordHeader(OrderHeaders.Client, Encoding.UTF8.GetBytes("shop"))], output.Headers, (a, b) => a.Name == b.Name && a.Value.AsSpan().SequenceEqual(b.Value));
        ValidatedOrder validated = await ReadAsync(output);
        Assert.Equal(Shop.Opening.UtcDateTime, validated.ValidatedAt);
        Assert.Equivalent(order with { Status = OrderStatus.Validated }, validated.Order, strict: true);
        Assert.Equal([new StockRow("sku-1", 10, 5, 5, 0), new StockRow("sku-2", 5, 4, 1, 0)], (await _shop.StockAsync()).Values);
        Reservation recorded = await _shop.ReservationAsync("ord-1");
        Assert.Equal(ReservationState.Reserved, recorded.State);
        Assert.Equal("shop", recorded.Client);
        Assert.Equal("orders-3@7", recorded.Source.ToString());
        Assert.Equal(validated.ValidatedAt, recorded.ValidatedAt);
        Assert.Equal([new("sku-1", 5), new("sku-2", 1)], recorded.Items);
    }

    [Theory]
    [InlineData("cust-9", "sku-1", 1, "UNKNOWN_CUSTOMER", "cust-9")]
    [InlineData("cust-bad", "sku-1", 1, "BLOCKED_CUSTOMER", "cust-bad")]
    [InlineData("cust-1", "sku-9", 1, "UNKNOWN_ITEM", "sku-9")]
    [InlineData("cust-1", "sku-2", 6, "OUT_OF_STOCK", "Item sku-2 is short: 6 wanted, 5 available.")]
    public async Task An_order_that_business_refuses_is_rejected_whole(string customer, string sku, int quantity, string reason, string told)
    {
        SourceRecord record = await _shop.RecordAsync(Shop.Order("ord-1", customer, ("sku-1", 1), (sku, quantity)), offset: 0);
        var letter = Assert.IsType<Outcome.DeadLettered>(await _shop.ValidateAsync(record));
        Assert.Equal(DeadLetterKind.Rejection, letter.Kind);
        Assert.Equal(reason, letter.Reason);
        Assert.Contains(told, letter.Detail, StringComparison.Ordinal);
        Assert.Equal("ord-1", letter.Subject);
        Assert.All((await _shop.StockAsync()).Values, row => Assert.Equal(row.Initial, row.Available));
        Reservation recorded = await _shop.ReservationAsync("ord-1");
        Assert.Equal((ReservationState.Rejected, reason, letter.Detail), (recorded.State, recorded.Reason, recorded.Detail));
        Assert.Null(recorded.ValidatedAt);
    }

    [Fact]
    public async Task Lines_of_one_item_count_together()
    {
        var letter = Assert.IsType<Outcome.DeadLettered>(await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", ("sku-2", 3), ("sku-2", 3)), 0)));
        Assert.Equal("Item sku-2 is short: 6 wanted, 5 available.", letter.Detail);
    }

    [Fact]
    public async Task The_same_record_again_gets_the_recorded_outcome_even_after_a_restart_and_later()
    {
        SourceRecord[] records =
        [
            await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", ("sku-2", 4)), 0),
            await _shop.RecordAsync(Shop.Order("ord-2", "cust-1", ("sku-2", 4)), 1),
            await _shop.RecordAsync(Shop.Order("ord-3", "cust-9"), 2),
            await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", ("sku-2", 4)), 3),
            await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", ("sku-2", 1)), 4),
        ];
        IReadOnlyList<Outcome> first = await _shop.Validation.HandleAsync(records, CancellationToken.None);
        Dictionary<string, StockRow> stock = await _shop.StockAsync();
        _shop.Time.Advance(TimeSpan.FromHours(1));
        await _shop.SeedAsync(new StockItem("sku-2", 100));
        await _shop.SeedAsync(new Customer("cust-9", CustomerStatus.Active));
        await _shop.ReopenAsync();
        Assert.Equivalent(first, await _shop.Validation.HandleAsync(records, CancellationToken.None), strict: true);
        Assert.Equal(stock["sku-2"] with { Initial = 100, Available = 96 }, (await _shop.StockAsync())["sku-2"]);
        Assert.Equal(3, (await _shop.ReservationsAsync()).Count);
    }

    [Fact]
    public async Task A_settled_order_that_comes_again_from_its_record_goes_on_again()
    {
        Order order = Shop.Order("ord-1");
        SourceRecord record = await _shop.RecordAsync(order, 0);
        Outcome first = await _shop.ValidateAsync(record);
        await _shop.SettleAsync(await _shop.DeadLetterAsync("ord-1", 0));
        Assert.Equivalent(first, await _shop.ValidateAsync(record), strict: true);
        Assert.Equal(10, (await _shop.StockAsync())["sku-1"].Available);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_order_in_another_record_is_dropped(bool inOneBatch)
    {
        SourceRecord[] records = [await _shop.RecordAsync(Shop.Order("ord-1"), 0), await _shop.RecordAsync(Shop.Order("ord-1") with { CreatedAt = Shop.Opening.UtcDateTime }, 1)];
        IReadOnlyList<Outcome> outcomes = inOneBatch
            ? await _shop.Validation.HandleAsync(records, CancellationToken.None)
            : [await _shop.ValidateAsync(records[0]), await _shop.ValidateAsync(records[1])];
        Assert.Single(Assert.IsType<Outcome.Completed>(outcomes[0]).Outputs);
        Assert.Same(Outcome.Nothing, outcomes[1]);
        Assert.Equal(9, (await _shop.StockAsync())["sku-1"].Available);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_order_under_the_id_is_a_defect_and_changes_nothing(bool inOneBatch)
    {
        SourceRecord[] records = [await _shop.RecordAsync(Shop.Order("ord-1"), 0), await _shop.RecordAsync(Shop.Order("ord-1", "cust-2"), 1)];
        IReadOnlyList<Outcome> outcomes = inOneBatch
            ? await _shop.Validation.HandleAsync(records, CancellationToken.None)
            : [await _shop.ValidateAsync(records[0]), await _shop.ValidateAsync(records[1])];
        var letter = Assert.IsType<Outcome.DeadLettered>(outcomes[1]);
        Assert.Equal((DeadLetterKind.Defect, DeadLetterReasons.ConflictingDuplicate, "ord-1"), (letter.Kind, letter.Reason, letter.Subject));
        Assert.Contains("orders-0@0", letter.Detail, StringComparison.Ordinal);
        Assert.Equal("cust-1", (await _shop.ReservationAsync("ord-1")).CustomerId);
        Assert.Equal(9, (await _shop.StockAsync())["sku-1"].Available);
        Assert.Contains(_shop.Log.Warnings, warning => warning.Contains("ord-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_or_missing_key_is_a_defect()
    {
        Order order = Shop.Order("ord-1");
        SourceRecord wrong = await _shop.RecordAsync(order, 0, key: "cust-2");
        Assert.Equal(DeadLetterReasons.WrongKey, await DefectAsync(wrong));
        Assert.Equal(DeadLetterReasons.WrongKey, await DefectAsync(wrong with { Key = null }));
        Assert.Equal(DeadLetterReasons.WrongKey, await DefectAsync(wrong with { Key = [] }));
        Assert.Empty(await _shop.ReservationsAsync());
    }

    [Fact]
    public async Task Partitioned_by_order_the_key_is_the_order_id()
    {
        await using var shop = new Shop(OrderPartitioning.Order);
        await shop.SeedAsync(new Customer("cust-1", CustomerStatus.Active));
        await shop.SeedAsync(new StockItem("sku-1", 1));
        Assert.IsType<Outcome.DeadLettered>(await shop.ValidateAsync(await shop.RecordAsync(Shop.Order("ord-1"), 0, key: "cust-1")));
        Assert.IsType<Outcome.Completed>(await shop.ValidateAsync(await shop.RecordAsync(Shop.Order("ord-1"), 1, key: "ord-1")));
    }

    [Fact]
    public async Task Status_and_rules_are_defects_with_their_own_codes_and_never_tell_the_token()
    {
        Order order = Shop.Order("ord-1");
        Assert.Equal(DeadLetterReasons.WrongStatus, await DefectAsync(await _shop.RecordAsync(order with { Status = OrderStatus.Validated }, 0)));
        Assert.Equal(RuleCodes.WrongAmount, await DefectAsync(await _shop.RecordAsync(order with { Amount = 1m }, 0)));
        Assert.Equal(RuleCodes.LineCount, await DefectAsync(await _shop.RecordAsync(order with { Lines = [] }, 0)));
        SourceRecord card = await _shop.RecordAsync(order with { PaymentToken = "4242424242424242", Currency = "???", Lines = [.. Enumerable.Repeat(new OrderLine("", 0, -1m), 30)] }, 0);
        var letter = Assert.IsType<Outcome.DeadLettered>(await _shop.ValidateAsync(card));
        Assert.Equal(RuleCodes.UnknownCurrency, letter.Reason);
        Assert.Contains("paymentToken", letter.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("4242", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(DetailText.LengthMax, letter.Detail.Length);
    }

    [Fact]
    public async Task Hostile_bytes_are_defects_and_harm_no_neighbour()
    {
        SourceRecord sound = await _shop.RecordAsync(Shop.Order("ord-1"), 0);
        byte[] good = sound.Value!;
        var random = new Random(11);
        List<byte[]?> values = [null, [], [0], [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 99, 1], [.. good, 0], [0, 0, 0, 0, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]];
        values.AddRange(Enumerable.Range(5, good.Length - 5).Select(length => good[..length]));
        values.AddRange(Enumerable.Range(0, 500).Select(_ => (byte[]?)[0, 0, 0, 0, 1, .. RandomBytes(random)]));
        SourceRecord[] records = [.. values.Select((value, i) => sound with { Value = value, Offset = i + 1 }), sound];
        IReadOnlyList<Outcome> outcomes = await _shop.Validation.HandleAsync(records, CancellationToken.None);
        Assert.All(outcomes.SkipLast(1), outcome => Assert.Equal(DeadLetterKind.Defect, Assert.IsType<Outcome.DeadLettered>(outcome).Kind));
        Assert.Single(Assert.IsType<Outcome.Completed>(outcomes[^1]).Outputs);
        Assert.Equal(DeadLetterReasons.UnknownSchema, Assert.IsType<Outcome.DeadLettered>(outcomes[4]).Reason);
    }

    [Fact]
    public async Task A_client_name_that_is_none_is_carried_but_owns_nothing()
    {
        SourceRecord record = await _shop.RecordAsync(Shop.Order("ord-1"), 0, client: new string('x', 257));
        Assert.Equal(257, Assert.Single(Assert.Single(Assert.IsType<Outcome.Completed>(await _shop.ValidateAsync(record)).Outputs).Headers).Value!.Length);
        Assert.Null((await _shop.ReservationAsync("ord-1")).Client);
    }

    [Fact]
    public async Task An_absent_registry_makes_the_batch_wait_and_the_same_outcome_follows()
    {
        SourceRecord record = await _shop.RecordAsync(Shop.Order("ord-1"), 0);
        _shop.Registry.IsAway = true;
        Assert.Equal("schema registry", (await Assert.ThrowsAsync<DependencyUnavailableException>(() => _shop.ValidateAsync(record))).Dependency);
        Assert.Empty(await _shop.ReservationsAsync());

        // Now the order's schema is known but not the one to write with: the decision is in the database before its outcome can be written.
        _shop.Registry.IsAway = false;
        await _shop.Values.Orders.DecodeAsync(record.Value, CancellationToken.None);
        _shop.Registry.IsAway = true;
        await Assert.ThrowsAsync<DependencyUnavailableException>(() => _shop.ValidateAsync(record));
        Assert.Single(await _shop.ReservationsAsync());
        _shop.Registry.IsAway = false;
        _shop.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Shop.Opening.UtcDateTime, (await ReadAsync(Assert.Single(Assert.IsType<Outcome.Completed>(await _shop.ValidateAsync(record)).Outputs))).ValidatedAt);
        Assert.Equal(9, (await _shop.StockAsync())["sku-1"].Available);
    }

    [Fact]
    public async Task In_a_flash_sale_exactly_what_is_there_is_reserved()
    {
        await _shop.SeedAsync(new StockItem("sku-flash", 5_000));
        var outcomes = new List<Outcome>();
        for (int batch = 0; batch < 10; batch++)
        {
            SourceRecord[] records = await Task.WhenAll(Enumerable.Range(batch * 1_000, 1_000).Select(i => _shop.RecordAsync(Shop.Order($"ord-{i}", "cust-1", ("sku-flash", 1)), i)));
            outcomes.AddRange(await _shop.Validation.HandleAsync(records, CancellationToken.None));
        }

        Assert.Equal(5_000, outcomes.OfType<Outcome.Completed>().Count());
        Assert.All(outcomes.OfType<Outcome.DeadLettered>(), letter => Assert.Equal("Item sku-flash is short: 1 wanted, 0 available.", letter.Detail));
        Assert.Equal(new StockRow("sku-flash", 5_000, 0, 5_000, 0), (await _shop.StockAsync())["sku-flash"]);
    }

    [Fact]
    public async Task An_order_of_2000_lines_is_reserved_whole()
    {
        (string, int)[] lines = [.. Enumerable.Range(0, 2_000).Select(i => ($"big-{i}", 1 + (i % 3)))];
        await _shop.SeedAsync([.. lines.Select(line => new StockItem(line.Item1, line.Item2))]);
        Assert.IsType<Outcome.Completed>(await _shop.ValidateAsync(await _shop.RecordAsync(Shop.Order("ord-1", "cust-1", lines), 0)));
        Assert.All((await _shop.StockAsync()).Values.Where(row => row.Sku.StartsWith("big-", StringComparison.Ordinal)), row => Assert.Equal(0, row.Available));
        Assert.Equal(2_000, (await _shop.ReservationAsync("ord-1")).Items.Count);
    }

    private static byte[] RandomBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private async Task<ValidatedOrder> ReadAsync(OutputRecord output)
    {
        Decoded<ValidatedOrder> decoded = await _shop.Values.Validated.DecodeAsync(output.Value, CancellationToken.None);
        Assert.Null(decoded.Defect);
        return decoded.Value!;
    }

    private async Task<string> DefectAsync(SourceRecord record)
    {
        var letter = Assert.IsType<Outcome.DeadLettered>(await _shop.ValidateAsync(record));
        Assert.Equal(DeadLetterKind.Defect, letter.Kind);
        return letter.Reason;
    }
}
