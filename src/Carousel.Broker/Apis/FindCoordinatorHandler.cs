using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>FindCoordinator: of groups and of transactional ids, it's always this broker.</summary>
/// <param name="endpoint">Where clients are told to find the broker; asked for each answer, because the port may be the system's choice.</param>
internal sealed class FindCoordinatorHandler(Func<BrokerEndpoint> endpoint) : ApiHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;
    private const short HasManyKeysFrom = 4;

    protected override ValueTask<FindCoordinatorResponse?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        bool isKnown = request.KeyType is GroupKey or TransactionKey;
        ErrorCode error = isKnown ? ErrorCode.None : ErrorCode.InvalidRequest;
        BrokerEndpoint found = isKnown ? endpoint() : new BrokerEndpoint(-1, "", -1);
        if (context.ApiVersion < HasManyKeysFrom)
        {
            return new(new FindCoordinatorResponse
            {
                ErrorCode = error,
                ErrorMessage = isKnown ? "NONE" : $"Nobody coordinates keys of type {request.KeyType}.",
                NodeId = found.NodeId,
                Host = found.Host,
                Port = found.Port,
            });
        }

        return new(new FindCoordinatorResponse
        {
            Coordinators =
            [
                .. request.CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator
                {
                    Key = key,
                    ErrorCode = error,
                    NodeId = found.NodeId,
                    Host = found.Host,
                    Port = found.Port,
                }),
            ],
        });
    }
}
