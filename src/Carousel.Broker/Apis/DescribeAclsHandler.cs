using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>There are no ACLs, and so no answer but that (as Kafka without an authorizer).</summary>
internal sealed class DescribeAclsHandler : ApiHandler<DescribeAclsRequest, DescribeAclsResponse>
{
    protected override ValueTask<DescribeAclsResponse?> HandleAsync(DescribeAclsRequest request, RequestContext context) =>
        ValueTask.FromResult<DescribeAclsResponse?>(new DescribeAclsResponse
        {
            ErrorCode = ErrorCode.SecurityDisabled,
            ErrorMessage = "No Authorizer is configured on the broker",
        });
}
