using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Carousel.Stages.Tests.Simulation;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>
/// A network that now and then holds the end of a transaction back. Either the caller hears that it failed, and it arrives some time later; or the
/// client library sends it again without telling anybody, the answer takes its time, and the first one arrives when the next transaction is under way.
/// </summary>
internal sealed class LateLog(InMemoryLog inner, Scheduler scheduler, double rate) : DelegatingLog(inner)
{
    public override async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
        new Producer((InMemoryProducer)await Inner.OpenProducerAsync(transactionalId, cancellationToken), scheduler, rate);

    private sealed class Producer(InMemoryProducer inner, Scheduler scheduler, double rate) : DelegatingProducer(inner)
    {
        public override async Task CommitAsync()
        {
            if (scheduler.Random.NextDouble() >= rate)
            {
                await Inner.CommitAsync();
                return;
            }

            if (scheduler.Random.Next(2) == 0)
            {
                _ = ArriveAsync(Inner.CommitAsync);
                throw new LogException("The commit is held up.");
            }

            // No client sends again sooner than this.
            await Task.Delay(TimeSpan.FromMilliseconds(scheduler.Random.Next(100, 300)), scheduler.Time);
            await Inner.CommitAsync();
            _ = ArriveAsync(() =>
            {
                inner.ReceiveStraggler();
                return Task.CompletedTask;
            });
        }

        private async Task ArriveAsync(Func<Task> arrive)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(scheduler.Random.Next(1, 500)), scheduler.Time);
            await arrive().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }
}
