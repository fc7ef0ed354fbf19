using Carousel.Broker.Groups;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

internal sealed class DeleteGroupsHandler(GroupCoordinator groups) : ApiHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    protected override async ValueTask<DeleteGroupsResponse?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        // All are begun before the first is waited for: one flush makes them durable.
        (string GroupId, Task<ErrorCode> Deletion)[] deletions =
            [.. request.GroupsNames.Distinct().Select(groupId => (groupId, groups.DeleteGroupAsync(groupId).AsTask()))];
        var results = new List<DeleteGroupsResponse.DeletableGroupResult>();
        foreach ((string groupId, Task<ErrorCode> deletion) in deletions)
        {
            results.Add(new() { GroupId = groupId, ErrorCode = await deletion });
        }

        return new DeleteGroupsResponse { Results = [.. results] };
    }
}
