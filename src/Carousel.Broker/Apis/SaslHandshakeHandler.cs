using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>There is no authentication here. Known all the same, as with Kafka: librdkafka tells the broker's abilities by it.</summary>
internal sealed class SaslHandshakeHandler : ApiHandler<SaslHandshakeRequest, SaslHandshakeResponse>
{
    protected override ValueTask<SaslHandshakeResponse?> HandleAsync(SaslHandshakeRequest request, RequestContext context) =>
        ValueTask.FromResult<SaslHandshakeResponse?>(new SaslHandshakeResponse { ErrorCode = ErrorCode.IllegalSaslState });
}
