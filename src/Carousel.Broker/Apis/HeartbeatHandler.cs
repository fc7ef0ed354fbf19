using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

internal sealed class HeartbeatHandler(GroupCoordinator groups) : ApiHandler<HeartbeatRequest, HeartbeatResponse>
{
    protected override ValueTask<HeartbeatResponse?> HandleAsync(HeartbeatRequest request, RequestContext context)
    {
        var caller = new GroupCaller(request.GroupId, request.MemberId, request.GroupInstanceId, request.GenerationId);
        return new(new HeartbeatResponse { ErrorCode = groups.Heartbeat(caller) });
    }
}
