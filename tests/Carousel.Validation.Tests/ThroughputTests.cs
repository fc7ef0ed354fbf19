using System.Diagnostics;
using System.Text;
using Carousel.Orders;
using Carousel.Stages;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Tests;

/// <summary>Measures; run with <c>--explicit only --filter-class Carousel.Validation.Tests.ThroughputTests --show-live-output on</c> on an idle machine, built for release.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int BatchRecords = 1_000;
    private const int Batches = 100;

    [Trait("explicit", "true")]
    [Theory(Explicit = true)]
    [InlineData(10_000)]
    [InlineData(1)]
    public async Task Orders_a_second_and_their_cost(int skus)
    {
        await using var shop = new Shop();
        await shop.SeedAsync([.. Enumerable.Range(0, 10_000).Select(i => new Customer($"cust-{i}", CustomerStatus.Active))]);
        await shop.SeedAsync([.. Enumerable.Range(0, skus).Select(i => new StockItem($"sku-{i}", 1_000_000_000))]);
        var random = new Random(7);
        var batches = new List<SourceRecord[]>();
        for (int b = 0; b <= Batches; b++)
        {
            var records = new SourceRecord[BatchRecords];
            for (int i = 0; i < records.Length; i++)
            {
                Order order = Shop.Order($"ord-{Convert.ToHexString(Id(random))}", $"cust-{random.Next(10_000)}", [.. Enumerable.Range(0, 3).Select(_ => ($"sku-{random.Next(skus)}", 1 + random.Next(5)))]);
                records[i] = await shop.RecordAsync(order, (b * BatchRecords) + i);
            }

            batches.Add(records);
        }

        await shop.Validation.HandleAsync(batches[0], CancellationToken.None);
        GC.Collect();
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes();
        long started = Stopwatch.GetTimestamp();
        foreach (SourceRecord[] batch in batches.Skip(1))
        {
            await shop.Validation.HandleAsync(batch, CancellationToken.None);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        double orders = Batches * BatchRecords;
        output.WriteLine($"{skus} skus: {orders / elapsed.TotalSeconds:N0} orders/s, {cpu.TotalMicroseconds / orders:N1} µs CPU and {(GC.GetTotalAllocatedBytes() - allocated) / orders:N0} bytes an order");
        Assert.Equal((Batches + 1) * BatchRecords, (await shop.ReservationsAsync()).Count);
    }

    private static byte[] Id(Random random)
    {
        byte[] id = new byte[16];
        random.NextBytes(id);
        return id;
    }
}
