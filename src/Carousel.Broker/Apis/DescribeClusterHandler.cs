using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Tells of the cluster, which is one node.</summary>
internal sealed class DescribeClusterHandler(ClusterNode node) : ApiHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    private const sbyte Brokers = 1;
    private const sbyte Controllers = 2;

    protected override ValueTask<DescribeClusterResponse?> HandleAsync(DescribeClusterRequest request, RequestContext context)
    {
        if (request.EndpointType != Brokers)
        {
            return ValueTask.FromResult<DescribeClusterResponse?>(new DescribeClusterResponse
            {
                ErrorCode = request.EndpointType == Controllers ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType,
                ErrorMessage = $"This is a broker's address, and endpoints of type {request.EndpointType} were asked for.",
                EndpointType = Brokers,
            });
        }

        return ValueTask.FromResult<DescribeClusterResponse?>(new DescribeClusterResponse
        {
            EndpointType = Brokers,
            ClusterId = node.ClusterId,
            ControllerId = TopicCatalogOptions.NodeId,
            Brokers = [new DescribeClusterResponse.DescribeClusterBroker { BrokerId = TopicCatalogOptions.NodeId, Host = node.Host, Port = node.Port }],
            ClusterAuthorizedOperations = request.IncludeClusterAuthorizedOperations ? AuthorizedOperations.Cluster : AuthorizedOperations.Omitted,
        });
    }
}
