using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Hosting;

/// <summary>What all connections share.</summary>
internal sealed record ConnectionServices(
    ApiTable Apis, RequestMemory Memory, ConnectionLimits Limits, BrokerMetrics Metrics, ILogger Logger, TimeProvider Time);
