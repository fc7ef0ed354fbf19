using Carousel.Broker.Hosting;
using Carousel.Testing;

namespace Carousel.Broker.Tests.Hosting;

public sealed class MemoryBudgetTests
{
    [Fact]
    public async Task Who_asked_first_is_served_first_even_if_less_would_fit()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TryTake(60));
        Task large = budget.TakeAsync(90, CancellationToken.None).AsTask();
        Task small = budget.TakeAsync(10, CancellationToken.None).AsTask();
        Assert.False(budget.TryTake(1));
        Assert.True(budget.IsShort);
        budget.Return(60);
        await large.WithinAsync("the large share is taken", TestClient.Timeout);
        await small.WithinAsync("the small share is taken", TestClient.Timeout);
        Assert.Equal(100, budget.BytesInUse);
        Assert.False(budget.IsShort);
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nothing_and_holds_up_nobody()
    {
        var budget = new MemoryBudget(100);
        using var cancellation = new CancellationTokenSource();
        Assert.True(budget.TryTake(50));
        Task first = budget.TakeAsync(100, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True(budget.TryTake(50));
        budget.Return(100);
        Assert.Equal(0, budget.BytesInUse);
    }

    [Fact]
    public async Task More_than_the_whole_is_never_waited_for() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => new MemoryBudget(100).TakeAsync(101, CancellationToken.None).AsTask());
}
