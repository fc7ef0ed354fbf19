namespace Carousel.Broker.Hosting;

/// <summary>What one connection may take, of <see cref="BrokerOptions"/>.</summary>
/// <param name="FrameBytesMax">The largest request, without its length prefix.</param>
/// <param name="PipelinedMax">Requests whose answers are awaited at the same time.</param>
/// <param name="IdleMax">How long a connection may stay without a request, and an answer untaken.</param>
/// <param name="FrameTimeMax">How long a request may take to arrive once it has begun.</param>
internal sealed record ConnectionLimits(int FrameBytesMax, int PipelinedMax, TimeSpan IdleMax, TimeSpan FrameTimeMax);
