using System.Diagnostics.Metrics;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>What the broker's connections tell: meter <c>Carousel.Broker</c>.</summary>
internal sealed class BrokerMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _closed;
    private readonly Histogram<double> _requestDuration;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly KeyValuePair<string, object?>[] _apiTags;

    public BrokerMetrics(IMeterFactory meters, RequestMemory requests, MemoryBudget responses)
    {
        _meter = meters.Create("Carousel.Broker");
        _connections = _meter.CreateUpDownCounter<long>("carousel.broker.connections", "{connection}", "Open connections.");
        _closed = _meter.CreateCounter<long>("carousel.broker.connections.closed", "{connection}", "Closed connections, by cause.");
        _requestDuration = _meter.CreateHistogram<double>(
            "carousel.broker.request.duration", "s", "From the whole arrival of a request until its answer is handed out, waits for data included.");
        _received = _meter.CreateCounter<long>("carousel.broker.received", "By", "Bytes of requests.");
        _sent = _meter.CreateCounter<long>("carousel.broker.sent", "By", "Bytes of responses.");
        _meter.CreateObservableGauge("carousel.broker.requests.memory", () => requests.BytesInUse, "By", "Bytes of requests in flight.");
        _meter.CreateObservableGauge("carousel.broker.responses.memory", () => responses.BytesInUse, "By", "Bytes of fetched records on their way.");
        _apiTags = [.. Enumerable.Range(0, byte.MaxValue).Select(key => new KeyValuePair<string, object?>("api", ((ApiKey)key).ToString()))];
    }

    public void Opened() => _connections.Add(1);

    public void Closed(CloseCause cause)
    {
        _connections.Add(-1);
        _closed.Add(1, new KeyValuePair<string, object?>("cause", cause.ToString()));
    }

    public void Refused() => _closed.Add(1, new KeyValuePair<string, object?>("cause", nameof(CloseCause.Refused)));

    public void Received(int bytes) => _received.Add(bytes);

    public void Sent(long bytes) => _sent.Add(bytes);

    public void Answered(ApiKey api, TimeSpan duration) => _requestDuration.Record(duration.TotalSeconds, _apiTags[(int)api]);

    public void Dispose() => _meter.Dispose();
}
