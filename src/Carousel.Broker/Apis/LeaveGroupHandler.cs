using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>LeaveGroup: one member up to version 2, any number since (KIP-345).</summary>
internal sealed class LeaveGroupHandler(GroupCoordinator groups) : ApiHandler<LeaveGroupRequest, LeaveGroupResponse>
{
    private const short HasManyMembersFrom = 3;

    protected override ValueTask<LeaveGroupResponse?> HandleAsync(LeaveGroupRequest request, RequestContext context)
    {
        bool hasMany = context.ApiVersion >= HasManyMembersFrom;
        Leaver[] leavers = hasMany
            ? [.. request.Members.Select(member => new Leaver(member.MemberId, member.GroupInstanceId, member.Reason))]
            : [new Leaver(request.MemberId, InstanceId: null, Reason: null)];
        (ErrorCode error, IReadOnlyList<ErrorCode> errors) = groups.Leave(request.GroupId, leavers);
        return new(new LeaveGroupResponse
        {
            ErrorCode = error == ErrorCode.None && !hasMany ? errors[0] : error,
            Members =
            [
                .. leavers.Zip(errors, (leaver, leaverError) => new LeaveGroupResponse.MemberResponse
                {
                    MemberId = leaver.MemberId,
                    GroupInstanceId = leaver.InstanceId,
                    ErrorCode = leaverError,
                }),
            ],
        });
    }
}
