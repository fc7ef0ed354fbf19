using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Adds partitions to topics.</summary>
internal sealed class CreatePartitionsHandler(TopicCatalog topics) : ApiHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    protected override async ValueTask<CreatePartitionsResponse?> HandleAsync(CreatePartitionsRequest request, RequestContext context)
    {
        HashSet<string> twice = Duplicates.Of(request.Topics.Select(topic => topic.Name));
        var results = new List<CreatePartitionsResponse.CreatePartitionsTopicResult>();
        foreach (CreatePartitionsRequest.CreatePartitionsTopic wanted in request.Topics.DistinctBy(topic => topic.Name))
        {
            CatalogResult result = twice.Contains(wanted.Name)
                ? new CatalogResult(ErrorCode.InvalidRequest, "Duplicate topic name.")
                : await AddAsync(wanted, request.ValidateOnly, context.ConnectionClosed);
            results.Add(new() { Name = wanted.Name, ErrorCode = result.Error, ErrorMessage = result.Reason });
        }

        return new CreatePartitionsResponse { Results = [.. results] };
    }

    private async ValueTask<CatalogResult> AddAsync(CreatePartitionsRequest.CreatePartitionsTopic wanted, bool validateOnly, CancellationToken cancellationToken) =>
        topics.Find(wanted.Name) is { } topic
            ? await topics.AddPartitionsAsync(
                topic, wanted.Count, wanted.Assignments?.Select(assignment => assignment.BrokerIds).ToArray(), validateOnly, cancellationToken)
            : new CatalogResult(ErrorCode.UnknownTopicOrPartition, null);
}
