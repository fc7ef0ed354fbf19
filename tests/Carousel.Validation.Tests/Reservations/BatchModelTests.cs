using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;
using CsCheck;

namespace Carousel.Validation.Tests.Reservations;

/// <summary>Batches against a model that decides one order after another and knows nothing of sets.</summary>
public sealed class BatchModelTests
{
    private static readonly string[] Customers = ["cust-0", "cust-1", "cust-blocked", "cust-unknown"];
    private static readonly string[] Skus = ["sku-0", "sku-1", "sku-2", "sku-unknown"];

    private static readonly Gen<Order> Orders = Gen.Select(
        Gen.Int[0, 25],
        Gen.Frequency((8, Gen.Int[0, 1]), (1, Gen.Int[2, 3])),
        Gen.Select(Gen.Frequency((12, Gen.Int[0, 2]), (1, Gen.Const(3))), Gen.Int[1, 4]).Array[1, 4],
        Gen.Frequency((5, Gen.Const(true)), (1, Gen.Const(false))),
        (id, customer, lines, isUsual) => isUsual

            // The same id nearly always means the same order, so that duplicates outnumber conflicts.
            ? Shop.Order($"ord-{id}", Customers[id % 9 == 8 ? 2 + (id % 2) : id % 2], [.. Enumerable.Range(0, 1 + (id % 3)).Select(i => (Skus[id % 11 == 10 ? 3 : (id + i) % 3], 1 + (id % 4)))])
            : Shop.Order($"ord-{id}", Customers[customer], [.. lines.Select(line => (Skus[line.Item1], line.Item2))]));

    [Fact]
    public async Task Batches_decide_as_one_order_after_another_would()
    {
        Gen<(Order[] Orders, int[] Cuts, int Stock)> cases = Gen.Select(Orders.Array[1, 60], Gen.Int[1, 20].Array[1, 8], Gen.Int[0, 30]);
        await cases.SampleAsync(async input => await CompareAsync(input.Orders, input.Cuts, input.Stock), iter: 60, threads: 1);
    }

    [Fact]
    public async Task A_batch_of_1000_with_many_duplicates_decides_as_one_order_after_another_would()
    {
        var random = new Random(3);
        Order[] orders = [.. Enumerable.Range(0, 1_000).Select(_ =>
        {
            int id = random.Next(600);
            return Shop.Order($"ord-{id}", Customers[id % 5 == 4 ? random.Next(4) : 0], (Skus[id % 3], 1 + (id % 5)), (Skus[(id + 1) % 3], 1 + random.Next(10) / 9));
        })];
        await CompareAsync(orders, [1_000], stock: 500);
    }

    private static async Task CompareAsync(Order[] orders, int[] cuts, int stock)
    {
        await using var shop = new Shop();
        await shop.SeedAsync(new Customer("cust-0", CustomerStatus.Active), new Customer("cust-1", CustomerStatus.Active), new Customer("cust-blocked", CustomerStatus.Blocked));
        await shop.SeedAsync([.. Skus.SkipLast(1).Select(sku => new StockItem(sku, stock))]);
        var model = new Model(Skus.SkipLast(1).ToDictionary(sku => sku, _ => (long)stock));
        SourceRecord[] records = await Task.WhenAll(orders.Select((order, offset) => shop.RecordAsync(order, offset)));
        string[] expected = [.. orders.Select(model.Decide)];
        Assert.Equal(expected, await RunAsync(shop, records, cuts));
        Assert.Equal(model.Available, (await shop.StockAsync()).ToDictionary(row => row.Key, row => row.Value.Available));

        // As after a crash between the SQL commit and the log's: everything comes again, cut otherwise, and nothing changes.
        Assert.Equal(expected, await RunAsync(shop, records, [7]));
        Assert.Equal(model.Available, (await shop.StockAsync()).ToDictionary(row => row.Key, row => row.Value.Available));
        Assert.Equal(model.Decided, (await shop.ReservationsAsync()).Select(reservation => reservation.OrderId.ToString()));
    }

    private static async Task<List<string>> RunAsync(Shop shop, SourceRecord[] records, int[] cuts)
    {
        var found = new List<string>();
        for (int start = 0, batch = 0; start < records.Length; batch++)
        {
            int end = Math.Min(records.Length, start + cuts[batch % cuts.Length]);
            found.AddRange((await shop.Validation.HandleAsync(records[start..end], CancellationToken.None)).Select(Describe));
            start = end;
        }

        return found;
    }

    private static string Describe(Outcome outcome) => outcome switch
    {
        Outcome.DeadLettered letter => $"{letter.Kind} {letter.Reason}",
        Outcome.Completed completed => completed.Outputs.Count == 0 ? "nothing" : "validated",
        _ => outcome.ToString(),
    };

    private sealed class Model(Dictionary<string, long> available)
    {
        private readonly Dictionary<string, Order> _first = [];

        public Dictionary<string, long> Available => available;

        public IEnumerable<string> Decided => _first.Keys;

        public string Decide(Order order)
        {
            if (!_first.TryAdd(order.OrderId.ToString(), order))
            {
                Order first = _first[order.OrderId.ToString()];
                return first.CustomerId == order.CustomerId && first.Lines.SequenceEqual(order.Lines) ? "nothing" : "Defect CONFLICTING_DUPLICATE";
            }

            if (order.CustomerId is "cust-unknown" or "cust-blocked")
            {
                return order.CustomerId == "cust-unknown" ? "Rejection UNKNOWN_CUSTOMER" : "Rejection BLOCKED_CUSTOMER";
            }

            if (order.Lines.Any(line => !available.ContainsKey(line.Sku)))
            {
                return "Rejection UNKNOWN_ITEM";
            }

            if (order.Lines.GroupBy(line => line.Sku).Any(item => item.Sum(line => line.Quantity) > available[item.Key]))
            {
                return "Rejection OUT_OF_STOCK";
            }

            foreach (OrderLine line in order.Lines)
            {
                available[line.Sku] -= line.Quantity;
            }

            return "validated";
        }
    }
}
