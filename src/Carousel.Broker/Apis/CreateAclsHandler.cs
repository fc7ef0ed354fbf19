using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <inheritdoc cref="DescribeAclsHandler"/>
internal sealed class CreateAclsHandler : ApiHandler<CreateAclsRequest, CreateAclsResponse>
{
    protected override ValueTask<CreateAclsResponse?> HandleAsync(CreateAclsRequest request, RequestContext context) =>
        ValueTask.FromResult<CreateAclsResponse?>(new CreateAclsResponse
        {
            Results = [.. request.Creations.Select(_ => new CreateAclsResponse.AclCreationResult
            {
                ErrorCode = ErrorCode.SecurityDisabled,
                ErrorMessage = "No Authorizer is configured.",
            })],
        });
}
