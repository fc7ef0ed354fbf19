using Carousel.Broker.Hosting;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>
/// Reads record batches, and waits for them as long as there are fewer than the client wants. There are no fetch sessions: an answer with session 0 tells
/// the client to name all its partitions each time (KIP-227).
/// </summary>
/// <param name="memory">For all records on their way to clients.</param>
/// <param name="bytesMax">Bytes of records in one response, at most.</param>
/// <param name="stopping">Cancelled when the broker stops: from then on nobody waits.</param>
internal sealed class FetchHandler(TopicCatalog topics, MemoryBudget memory, int bytesMax, TimeProvider time, CancellationToken stopping)
    : ApiHandler<FetchRequest, FetchResponse>
{
    /// <summary>From here on topics come by their id.</summary>
    private const short TopicIdsFrom = 13;

    /// <summary>Session epochs of a request that names all its partitions: one that asks for a session, and one that wants none.</summary>
    private const int InitialEpoch = 0;
    private const int FinalEpoch = -1;

    protected override ValueTask<FetchResponse?> HandleAsync(FetchRequest request, RequestContext context)
    {
        context.ReleaseBody();
        return request.SessionEpoch is InitialEpoch or FinalEpoch
            ? FetchAsync(request, context)
            : ValueTask.FromResult<FetchResponse?>(new FetchResponse { ErrorCode = ErrorCode.FetchSessionIdNotFound });
    }

    private async ValueTask<FetchResponse?> FetchAsync(FetchRequest request, RequestContext context)
    {
        long started = time.GetTimestamp();
        var fetch = new Fetch(request, topics, isById: context.ApiVersion >= TopicIdsFrom, bytesMax);
        context.HoldUntilAnswered(fetch);
        using var wait = new LazyDataWait(time, stopping);
        while (true)
        {
            await fetch.ReadAsync(memory, context.ConnectionClosed);
            TimeSpan left = TimeSpan.FromMilliseconds(request.MaxWaitMs) - time.GetElapsedTime(started);
            if (fetch.IsEnough || left <= TimeSpan.Zero || stopping.IsCancellationRequested)
            {
                return fetch.Response;
            }

            fetch.ReleaseRecords();
            fetch.Watch(wait.Value);
            if (!await wait.Value.WaitAsync(left, context.ConnectionClosed))
            {
                await fetch.ReadAsync(memory, context.ConnectionClosed);
                return fetch.Response;
            }
        }
    }

    /// <summary>Most fetches of a reader that lags behind never wait.</summary>
    private sealed class LazyDataWait(TimeProvider time, CancellationToken stopping) : IDisposable
    {
        private DataWait? _wait;
        private CancellationTokenRegistration _wakingAtStop;

        public DataWait Value => _wait ??= Create();

        public void Dispose()
        {
            _wakingAtStop.Dispose();
            _wait?.Dispose();
        }

        private DataWait Create()
        {
            var wait = new DataWait(time);
            _wakingAtStop = stopping.UnsafeRegister(static wait => ((DataWait)wait!).Wake(), wait);
            return wait;
        }
    }
}
