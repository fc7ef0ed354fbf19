using System.Diagnostics.Metrics;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Microsoft.Extensions.Logging;

namespace Carousel.Fulfillment;

/// <summary>What the handler shares with the rest of its process.</summary>
public sealed record FulfillmentParts(CarouselTopics Topics, OrderValues Values, IMeterFactory Meters, ILoggerFactory Loggers, TimeProvider Time);
