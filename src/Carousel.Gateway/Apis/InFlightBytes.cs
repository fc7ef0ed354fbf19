namespace Carousel.Gateway.Apis;

/// <summary>Counts bytes on their way and makes their one producer wait beyond a limit; a single piece larger than the limit goes alone.</summary>
internal sealed class InFlightBytes(long limit) : IDisposable
{
    private readonly SemaphoreSlim _released = new(0);
    private long _used;

    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _used, bytes);
        while (Interlocked.Read(ref _used) is var used && used > limit && used > bytes)
        {
            await _released.WaitAsync(cancellationToken);
        }
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        _released.Release();
    }

    public void Dispose() => _released.Dispose();
}
