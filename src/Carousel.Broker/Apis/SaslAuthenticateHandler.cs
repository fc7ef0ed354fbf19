using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <inheritdoc cref="SaslHandshakeHandler"/>
internal sealed class SaslAuthenticateHandler : ApiHandler<SaslAuthenticateRequest, SaslAuthenticateResponse>
{
    protected override ValueTask<SaslAuthenticateResponse?> HandleAsync(SaslAuthenticateRequest request, RequestContext context) =>
        ValueTask.FromResult<SaslAuthenticateResponse?>(new SaslAuthenticateResponse
        {
            ErrorCode = ErrorCode.IllegalSaslState,
            ErrorMessage = "SaslAuthenticate request received after successful authentication",
        });
}
