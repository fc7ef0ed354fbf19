using Carousel.Stages.Log;
using Carousel.Stages.Tests.Simulation;

namespace Carousel.Stages.Tests.Schedules;

/// <summary>A network that now and then holds a commit back: the caller hears that it failed, and it arrives some time later.</summary>
internal sealed class LateLog(IStageLog inner, Scheduler scheduler, double rate) : DelegatingLog(inner)
{
    public override async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
        new Producer(await Inner.OpenProducerAsync(transactionalId, cancellationToken), scheduler, rate);

    private sealed class Producer(IStageProducer inner, Scheduler scheduler, double rate) : DelegatingProducer(inner)
    {
        public override async Task CommitAsync()
        {
            if (scheduler.Random.NextDouble() >= rate)
            {
                await Inner.CommitAsync();
                return;
            }

            _ = ArriveAsync(TimeSpan.FromMilliseconds(scheduler.Random.Next(1, 500)));
            throw new LogException("The commit is held up.");
        }

        private async Task ArriveAsync(TimeSpan after)
        {
            await Task.Delay(after, scheduler.Time);
            await Inner.CommitAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }
}
