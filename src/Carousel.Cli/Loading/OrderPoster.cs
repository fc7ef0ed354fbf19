using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;

namespace Carousel.Cli.Loading;

/// <summary>
/// Posts orders to the gateway until each has a final answer. One loop serialises and paces, N workers send; a bounded channel lies between.
/// At a rate the loop is open: an order's latency counts from its planned time, so that a gateway that stalls can't hide it.
/// Repeats carry the same Idempotency-Key, so an attempt whose answer was lost makes no second order.
/// </summary>
internal sealed class OrderPoster : IDisposable
{
    private readonly OrderPosterOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    /// <param name="handler">How to reach the gateway; the poster disposes it. Null: sockets, with as many connections as requests.</param>
    /// <exception cref="ValidationException">An option is out of its range.</exception>
    public OrderPoster(OrderPosterOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        _options = options;
        _time = time;
        _http = new HttpMessageInvoker(handler ?? Sockets(options), disposeHandler: true);
    }

    /// <param name="expected">How many orders there are, for the progress; null where nobody knows.</param>
    /// <exception cref="LoadingException">The orders' file can't be read; the requests under way were finished.</exception>
    public async Task<PostingResult> RunAsync(
        IEnumerable<OrderToPost> orders, long? expected, IProgress<PostingProgress>? progress, CancellationToken cancellationToken)
    {
        var tally = new PostingTally(_options.KeepOrderIds);
        long start = _time.GetTimestamp();
        int depth = _options.Concurrency * Math.Max(1, _options.BatchSize) * 2;
        Channel<PreparedOrder> channel = Channel.CreateBounded<PreparedOrder>(new BoundedChannelOptions(depth) { SingleWriter = true });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reporting = ReportAsync(tally, expected, start, progress, ended.Token);
        Task[] workers = [.. Enumerable.Range(0, _options.Concurrency).Select(_ => WorkAsync(channel, tally, cancellationToken))];
        try
        {
            await Task.WhenAll([FeedAsync(orders, channel.Writer, start, cancellationToken), .. workers]);
        }
        finally
        {
            await ended.CancelAsync();
            await reporting;
        }

        TimeSpan elapsed = _time.GetElapsedTime(start);
        progress?.Report(tally.Progress(expected, elapsed, null));
        return tally.Result(elapsed);
    }

    public void Dispose() => _http.Dispose();

    private static SocketsHttpHandler Sockets(OrderPosterOptions options) => new()
    {
        MaxConnectionsPerServer = options.HttpVersion.Major >= 2 ? int.MaxValue : options.Concurrency,
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    };

    private async Task FeedAsync(IEnumerable<OrderToPost> orders, ChannelWriter<PreparedOrder> writer, long start, CancellationToken cancellationToken)
    {
        try
        {
            using var json = new OrderJson();
            long index = 0;
            foreach (OrderToPost order in orders)
            {
                long planned = 0;
                if (_options.RatePerSecond is { } rate)
                {
                    planned = start + (long)(index / rate * _time.TimestampFrequency);
                    await UntilAsync(planned, cancellationToken);
                }

                await writer.WriteAsync(
                    new PreparedOrder(order.IdempotencyKey, json.Serialise(order, withIdempotencyKey: _options.BatchSize > 0), planned), cancellationToken);
                index++;
            }
        }
        finally
        {
            writer.TryComplete();
        }
    }

    private async Task UntilAsync(long timestamp, CancellationToken cancellationToken)
    {
        TimeSpan wait = _time.GetElapsedTime(_time.GetTimestamp(), timestamp);
        if (wait > TimeSpan.Zero)
        {
            // Timers are a millisecond coarse; the orders that fall due meanwhile go out together.
            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    private async Task WorkAsync(Channel<PreparedOrder> channel, PostingTally tally, CancellationToken cancellationToken)
    {
        using var sender = new OrderSender(_http, _options, tally, _time);
        var batch = new List<PreparedOrder>();
        try
        {
            while (await channel.Reader.WaitToReadAsync(cancellationToken))
            {
                while (batch.Count < Math.Max(1, _options.BatchSize) && channel.Reader.TryRead(out PreparedOrder order))
                {
                    batch.Add(order);
                }

                if (batch.Count > 0)
                {
                    await sender.SendAsync(batch, cancellationToken);
                    batch.Clear();
                }
            }
        }
        catch (Exception e)
        {
            // Whoever feeds the channel must not wait for a worker that is gone; the failure itself surfaces where the workers are awaited.
            channel.Writer.TryComplete(e);
            throw;
        }
    }

    private async Task ReportAsync(PostingTally tally, long? expected, long start, IProgress<PostingProgress>? progress, CancellationToken ended)
    {
        if (progress is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(_options.ProgressInterval, _time);
        PostingProgress? last = null;
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                last = tally.Progress(expected, _time.GetElapsedTime(start), last);
                progress.Report(last);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The run is over; its last report is made by whoever waits for it.
        }
    }
}
