using Carousel.Broker.Apis;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>A request that has begun and isn't answered yet.</summary>
/// <param name="Started">Timestamp of the start.</param>
internal readonly record struct PendingAnswer(ApiHandler Handler, RequestContext Context, ValueTask<IMessage?> Answer, long Started);
