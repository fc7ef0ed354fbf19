using Carousel.Broker.Hosting;

namespace Carousel.Broker.Tests.Hosting;

public sealed class FramePoolTests
{
    [Theory]
    [InlineData(1, 1024)]
    [InlineData(1025, 1280)]
    [InlineData(4096, 4096)]
    [InlineData(65536, 65536)]
    [InlineData(65537, 81920)]
    [InlineData(1048676, 1310720)]
    [InlineData(104857600, 117440512)]
    public void Sizes_go_in_quarters_of_powers_of_two(int bytes, int size) => Assert.Equal(size, FramePool.SizeFor(bytes));

    [Fact]
    public async Task A_large_request_takes_the_buffer_of_an_earlier_one_and_allocates_none()
    {
        const int Bytes = 1_000_100;
        var memory = new RequestMemory(64 << 20, 8 << 20);
        (await memory.RentAsync(Bytes, CancellationToken.None)).Dispose();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            (await memory.RentAsync(Bytes, CancellationToken.None)).Dispose();
        }

        long perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.InRange(perRequest, 0, 200);
    }

    [Fact]
    public void No_more_is_retained_than_allowed_and_what_nobody_needs_is_let_go()
    {
        var pool = new FramePool(retainedBytesMax: 300_000);
        byte[][] rented = [.. Enumerable.Range(0, 5).Select(_ => pool.Rent(100_000))];
        foreach (byte[] buffer in rented)
        {
            pool.Return(buffer);
        }

        long size = FramePool.SizeFor(100_000);
        Assert.Equal(300_000 / size * size, pool.RetainedBytes);
        pool.Trim();
        pool.Return(pool.Rent(100_000));
        pool.Trim();
        Assert.Equal(size, pool.RetainedBytes);
        pool.Trim();
        Assert.Equal(0, pool.RetainedBytes);
    }

    [Fact]
    public async Task A_buffer_goes_back_once_however_often_its_frame_is_disposed()
    {
        var memory = new RequestMemory(64 << 20, 8 << 20);
        Frame frame = await memory.RentAsync(1000, CancellationToken.None);
        frame.Dispose();
        frame.Dispose();
        Assert.Equal(0, memory.BytesInUse);
        Assert.Equal(1024, memory.Pool.RetainedBytes);
        Assert.Throws<ObjectDisposedException>(() => frame.Bytes);
    }
}
