using Carousel.Monitor.Audit;

namespace Carousel.Monitor.Tests.Audit;

public sealed class OrderTableTests
{
    [Fact]
    public void Two_hundred_thousand_orders_are_found_again_and_cost_at_most_160_bytes_each()
    {
        const int Count = 200_000;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var table = new OrderTable();
        for (int i = 0; i < Count; i++)
        {
            int index = table.FindOrAdd(Id(i), out bool added);
            Assert.True(added);
            table[index].AmountHundredths = i;
        }

        long perOrder = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;

        Assert.InRange(perOrder, 64, 160);
        for (int i = 0; i < Count; i++)
        {
            int index = table.Find(Id(i));
            Assert.Equal((Id(i), i), (table.IdOf(index), table[index].AmountHundredths));
        }

        Assert.Equal(-1, table.Find("ord-none"));
        Assert.Equal(Count, table.Count);
    }

    [Fact]
    public void A_known_order_is_not_added_again()
    {
        var table = new OrderTable();
        int first = table.FindOrAdd("ord-1", out _);

        Assert.Equal(first, table.FindOrAdd("ord-1", out bool added));
        Assert.False(added);
    }

    [Fact]
    public void A_position_keeps_partition_and_offset()
    {
        var position = new PackedPosition(23, 281_474_976_710_655);

        Assert.Equal(new LogPosition("orders", 23, 281_474_976_710_655), position.In("orders"));
        Assert.True(default(PackedPosition).IsNone);
        Assert.False(new PackedPosition(0, 0).IsNone);
    }

    private static string Id(int i) => $"ord-{i:D26}";
}
