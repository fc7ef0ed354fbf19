using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>JoinGroup: parked until the group's next generation is made.</summary>
internal sealed class JoinGroupHandler(GroupCoordinator groups) : ApiHandler<JoinGroupRequest, JoinGroupResponse>
{
    private const short HasRebalanceTimeoutFrom = 1;
    private const short RequiresKnownMemberIdFrom = 4;
    private const short ProtocolNameIsNullableFrom = 7;
    private const short SkipsAssignmentFrom = 9;

    /// <summary>A client may use the connection while its JoinGroup is parked; the answers still come in order.</summary>
    public override bool IsPipelined => true;

    protected override async ValueTask<JoinGroupResponse?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        GroupJoin join = Read(request, context);
        context.ReleaseBody();
        JoinAnswer answer = await groups.JoinAsync(join).WaitAsync(context.ConnectionClosed);
        return new JoinGroupResponse
        {
            ErrorCode = answer.Error,
            MemberId = answer.MemberId,
            GenerationId = answer.Generation,
            ProtocolType = answer.ProtocolType,
            ProtocolName = answer.ProtocolName ?? (context.ApiVersion >= ProtocolNameIsNullableFrom ? null : ""),
            Leader = answer.LeaderId,
            SkipAssignment = answer.SkipAssignment,
            Members =
            [
                .. answer.Members.Select(member => new JoinGroupResponse.JoinGroupResponseMember
                {
                    MemberId = member.MemberId,
                    GroupInstanceId = member.InstanceId,
                    Metadata = member.Metadata,
                }),
            ],
        };
    }

    /// <summary>The metadata is copied: it's kept for as long as the member, while a parked request gives its bytes back.</summary>
    private static GroupJoin Read(JoinGroupRequest request, RequestContext context)
    {
        int rebalanceTimeoutMs = context.ApiVersion < HasRebalanceTimeoutFrom ? request.SessionTimeoutMs : request.RebalanceTimeoutMs;
        MemberProtocol[] protocols =
        [
            .. request.Protocols.DistinctBy(protocol => protocol.Name).Select(protocol => new MemberProtocol(protocol.Name, protocol.Metadata.ToArray())),
        ];
        return new GroupJoin(request.GroupId, request.MemberId, request.GroupInstanceId, request.ProtocolType, protocols)
        {
            ClientId = context.ClientId,
            ClientHost = context.ClientHost,
            SessionTimeout = TimeSpan.FromMilliseconds(request.SessionTimeoutMs),
            RebalanceTimeout = TimeSpan.FromMilliseconds(Math.Max(0, rebalanceTimeoutMs)),
            RequiresKnownMemberId = context.ApiVersion >= RequiresKnownMemberIdFrom,
            SupportsSkippingAssignment = context.ApiVersion >= SkipsAssignmentFrom,
            Reason = request.Reason,
        };
    }
}
