using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Makes topics, which can be used when the answer comes.</summary>
internal sealed class CreateTopicsHandler(TopicCatalog topics) : ApiHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    protected override async ValueTask<CreateTopicsResponse?> HandleAsync(CreateTopicsRequest request, RequestContext context)
    {
        HashSet<string> twice = Duplicates.Of(request.Topics.Select(topic => topic.Name));
        CreateTopicsRequest.CreatableTopic[] wanted = [.. request.Topics.Where(topic => !twice.Contains(topic.Name))];
        IReadOnlyList<TopicCreation> results = await topics.CreateAsync([.. wanted.Select(Read)], request.ValidateOnly, context.ConnectionClosed);
        return new CreateTopicsResponse
        {
            Topics =
            [
                .. wanted.Zip(results).Select(pair => Answer(pair.First.Name, pair.Second)),
                .. twice.Select(name => Answer(name, TopicCreation.Refused(ErrorCode.InvalidRequest, "Duplicate topic name."))),
            ],
        };
    }

    private static NewTopic Read(CreateTopicsRequest.CreatableTopic topic) => new(
        topic.Name,
        topic.NumPartitions,
        topic.ReplicationFactor,
        [.. topic.Assignments.Select(assignment => (assignment.PartitionIndex, (IReadOnlyList<int>)assignment.BrokerIds))],
        [.. topic.Configs.Select(config => KeyValuePair.Create(config.Name, config.Value))]);

    private static CreateTopicsResponse.CreatableTopicResult Answer(string name, TopicCreation result) => result.Configs is { } configs
        ? new CreateTopicsResponse.CreatableTopicResult
        {
            Name = name,
            TopicId = result.Id,
            ErrorMessage = null,
            NumPartitions = result.PartitionCount,
            ReplicationFactor = 1,
            Configs = [.. ConfigListing.Visible(configs).Select(Answer)],
        }
        : new CreateTopicsResponse.CreatableTopicResult { Name = name, ErrorCode = result.Error, ErrorMessage = result.Reason };

    private static CreateTopicsResponse.CreatableTopicConfigs Answer((ConfigDefinition Definition, ConfigValue Value) config) => new()
    {
        Name = config.Definition.Name,
        Value = config.Value.Value,
        ConfigSource = (sbyte)config.Value.Source,
    };
}
