using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <inheritdoc cref="DescribeAclsHandler"/>
internal sealed class DeleteAclsHandler : ApiHandler<DeleteAclsRequest, DeleteAclsResponse>
{
    protected override ValueTask<DeleteAclsResponse?> HandleAsync(DeleteAclsRequest request, RequestContext context) =>
        ValueTask.FromResult<DeleteAclsResponse?>(new DeleteAclsResponse
        {
            FilterResults = [.. request.Filters.Select(_ => new DeleteAclsResponse.DeleteAclsFilterResult
            {
                ErrorCode = ErrorCode.SecurityDisabled,
                ErrorMessage = "No Authorizer is configured.",
            })],
        });
}
