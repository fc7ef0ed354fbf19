using Carousel.Broker.Apis;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>Reads a metadata request, and answers with nothing in it.</summary>
internal sealed class EchoHandler : ApiHandler<MetadataRequest, MetadataResponse>
{
    protected override ValueTask<MetadataResponse?> HandleAsync(MetadataRequest request, RequestContext context) =>
        ValueTask.FromResult<MetadataResponse?>(new MetadataResponse());
}
