using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Carousel.Gateway.OrderLog;

namespace Carousel.Gateway.Tests;

public sealed class GatewayMetricsTests
{
    [Fact]
    public async Task Accepted_and_refused_orders_are_counted_and_timed()
    {
        await using GatewayHost gateway = await GatewayHost.StartAsync();
        var seen = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, itself) =>
        {
            // Other tests have gateways of their own in this process.
            if (instrument.Meter.Name == GatewayServer.TelemetryName && instrument.Meter.Scope == gateway.Services.GetRequiredService<IMeterFactory>())
            {
                itself.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Enqueue($"{instrument.Name} {value} {string.Join(',', tags.ToArray().Select(tag => tag.Value))}".TrimEnd()));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen.Enqueue($"{instrument.Name} {value is >= 0 and < 20}"));
        listener.Start();

        await gateway.PostJsonAsync(Bodies.Sound);
        await gateway.PostJsonAsync("{}");
        gateway.Log.Fail(OrderLogFailure.BufferFull);
        await gateway.PostJsonAsync(Bodies.Sound);

        Assert.Equal(
            [
                "carousel.gateway.accept.duration True",
                "carousel.gateway.orders.accepted 1",
                "carousel.gateway.orders.refused 1 invalid-order",
                "carousel.gateway.orders.refused 1 log-unavailable",
            ],
            seen.Order());
    }
}
