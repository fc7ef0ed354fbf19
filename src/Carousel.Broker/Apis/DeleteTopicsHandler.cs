using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Deletes topics, by name or, from version 6 on, by id.</summary>
internal sealed class DeleteTopicsHandler(TopicCatalog topics) : ApiHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    private const short StatesFrom = 6;

    protected override async ValueTask<DeleteTopicsResponse?> HandleAsync(DeleteTopicsRequest request, RequestContext context)
    {
        (string? Name, Guid Id)[] wanted = context.ApiVersion >= StatesFrom
            ? [.. request.Topics.Select(topic => (topic.Name, topic.TopicId))]
            : [.. request.TopicNames.Select(name => ((string?)name, Guid.Empty))];
        HashSet<(string?, Guid)> twice = Duplicates.Of(wanted);
        var results = new List<DeleteTopicsResponse.DeletableTopicResult>();
        foreach ((string? name, Guid id) in wanted.Distinct())
        {
            results.Add(twice.Contains((name, id))
                ? Answer(name, id, new CatalogResult(ErrorCode.InvalidRequest, name is null ? "Duplicate topic id." : "Duplicate topic name."))
                : await DeleteAsync(name, id, context.ConnectionClosed));
        }

        return new DeleteTopicsResponse { Responses = [.. results] };
    }

    private async ValueTask<DeleteTopicsResponse.DeletableTopicResult> DeleteAsync(string? name, Guid id, CancellationToken cancellationToken)
    {
        if ((name is null) == (id == default))
        {
            string reason = name is null ? "Neither topic name nor id were specified." : "You may not specify both topic name and topic id.";
            return Answer(name, id, new CatalogResult(ErrorCode.InvalidRequest, reason));
        }

        Topic? topic = name is null ? topics.Find(id) : topics.Find(name);
        return topic is null
            ? Answer(name, id, new CatalogResult(name is null ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition, null))
            : Answer(topic.Name, topic.Id, await topics.DeleteAsync(topic, cancellationToken));
    }

    private static DeleteTopicsResponse.DeletableTopicResult Answer(string? name, Guid id, CatalogResult result) =>
        new() { Name = name, TopicId = id, ErrorCode = result.Error, ErrorMessage = result.Reason };
}
