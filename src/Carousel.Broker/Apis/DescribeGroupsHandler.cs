using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>DescribeGroups. Of a group that isn't there, clients of old are told that it's dead, and newer ones that it isn't there.</summary>
internal sealed class DescribeGroupsHandler(GroupCoordinator groups) : ApiHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    private const short KnowsGroupIdNotFoundFrom = 6;

    protected override ValueTask<DescribeGroupsResponse?> HandleAsync(DescribeGroupsRequest request, RequestContext context) =>
        new(new DescribeGroupsResponse { Groups = [.. request.Groups.Select(groupId => Describe(groupId, request, context.ApiVersion))] });

    private DescribeGroupsResponse.DescribedGroup Describe(string groupId, DescribeGroupsRequest request, short version)
    {
        if (groups.Describe(groupId) is not { } group)
        {
            bool isKnown = version >= KnowsGroupIdNotFoundFrom;
            return new DescribeGroupsResponse.DescribedGroup
            {
                GroupId = groupId,
                GroupState = nameof(GroupState.Dead),
                ErrorCode = isKnown ? ErrorCode.GroupIdNotFound : ErrorCode.None,
                ErrorMessage = isKnown ? $"Group {groupId} not found." : null,
                AuthorizedOperations = isKnown || !request.IncludeAuthorizedOperations ? AuthorizedOperations.Omitted : AuthorizedOperations.Group,
            };
        }

        return new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = group.GroupId,
            GroupState = group.State.ToString(),
            ProtocolType = group.ProtocolType,
            ProtocolData = group.Protocol,
            AuthorizedOperations = request.IncludeAuthorizedOperations ? AuthorizedOperations.Group : AuthorizedOperations.Omitted,
            Members =
            [
                .. group.Members.Select(member => new DescribeGroupsResponse.DescribedGroupMember
                {
                    MemberId = member.Identity.MemberId,
                    GroupInstanceId = member.Identity.InstanceId,
                    ClientId = member.Identity.ClientId,
                    ClientHost = member.Identity.ClientHost,
                    MemberMetadata = member.Metadata,
                    MemberAssignment = member.Assignment,
                }),
            ],
        };
    }
}
