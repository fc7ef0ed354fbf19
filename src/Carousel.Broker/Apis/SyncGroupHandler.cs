using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>SyncGroup: parked until the leader's assignment is durable.</summary>
internal sealed class SyncGroupHandler(GroupCoordinator groups) : ApiHandler<SyncGroupRequest, SyncGroupResponse>
{
    private const short NamesProtocolFrom = 5;

    /// <inheritdoc cref="JoinGroupHandler.IsPipelined"/>
    public override bool IsPipelined => true;

    protected override async ValueTask<SyncGroupResponse?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        if (context.ApiVersion >= NamesProtocolFrom && (request.ProtocolType is null || request.ProtocolName is null))
        {
            return new SyncGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol };
        }

        // The assignments are copied: they are kept for as long as the generation, while a parked request gives its bytes back.
        Dictionary<string, byte[]> assignments = [];
        foreach (SyncGroupRequest.SyncGroupRequestAssignment assignment in request.Assignments)
        {
            assignments[assignment.MemberId] = assignment.Assignment.ToArray();
        }

        context.ReleaseBody();
        var caller = new GroupCaller(request.GroupId, request.MemberId, request.GroupInstanceId, request.GenerationId);
        SyncAnswer answer = await groups.SyncAsync(new GroupSync(caller, assignments, request.ProtocolType, request.ProtocolName))
            .WaitAsync(context.ConnectionClosed);
        return new SyncGroupResponse
        {
            ErrorCode = answer.Error,
            ProtocolType = answer.ProtocolType,
            ProtocolName = answer.ProtocolName,
            Assignment = answer.Assignment,
        };
    }
}
