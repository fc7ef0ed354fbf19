using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>ListGroups: all, or those in certain states (KIP-518) and of certain types (KIP-848), whatever the case of the letters.</summary>
internal sealed class ListGroupsHandler(GroupCoordinator groups) : ApiHandler<ListGroupsRequest, ListGroupsResponse>
{
    /// <summary>Kafka's word for groups with the protocol that this coordinator speaks.</summary>
    private const string GroupType = "classic";

    protected override ValueTask<ListGroupsResponse?> HandleAsync(ListGroupsRequest request, RequestContext context)
    {
        bool isTypeWanted = Contains(request.TypesFilter, GroupType);
        return new(new ListGroupsResponse
        {
            Groups =
            [
                .. groups.List()
                    .Where(group => isTypeWanted && Contains(request.StatesFilter, group.State.ToString()))
                    .Select(group => new ListGroupsResponse.ListedGroup
                    {
                        GroupId = group.GroupId,
                        ProtocolType = group.ProtocolType,
                        GroupState = group.State.ToString(),
                        GroupType = GroupType,
                    }),
            ],
        });
    }

    private static bool Contains(string[] filter, string value) =>
        filter.Length == 0 || filter.Any(wanted => string.Equals(wanted.Trim(), value, StringComparison.OrdinalIgnoreCase));
}
