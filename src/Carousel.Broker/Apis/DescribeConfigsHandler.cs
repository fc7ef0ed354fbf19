using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Shows the configs of topics and of the broker, and where each value comes from (Kafka's ConfigHelper).</summary>
internal sealed class DescribeConfigsHandler(TopicCatalog topics) : ApiHandler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    protected override ValueTask<DescribeConfigsResponse?> HandleAsync(DescribeConfigsRequest request, RequestContext context) =>
        ValueTask.FromResult<DescribeConfigsResponse?>(new DescribeConfigsResponse
        {
            Results = [.. request.Resources.Select(resource => Describe(resource, request))],
        });

    private DescribeConfigsResponse.DescribeConfigsResult Describe(DescribeConfigsRequest.DescribeConfigsResource resource, DescribeConfigsRequest request)
    {
        var result = new DescribeConfigsResponse.DescribeConfigsResult { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName };
        CatalogResult verdict = ConfigResources.Check(resource.ResourceType, resource.ResourceName, topics);
        (result.ErrorCode, result.ErrorMessage) = (verdict.Error, verdict.Reason);
        if (verdict.Error == ErrorCode.None)
        {
            HashSet<string>? keys = resource.ConfigurationKeys is { Length: > 0 } names ? [.. names] : null;
            result.Configs =
            [
                .. Listing(resource).Where(config => keys?.Contains(config.Definition.Name) ?? true).Select(config => Describe(config, request)),
            ];
        }

        return result;
    }

    private IEnumerable<ShownConfig> Listing(DescribeConfigsRequest.DescribeConfigsResource resource)
    {
        BrokerConfigs broker = topics.BrokerConfigs;
        return (ConfigResourceKind)resource.ResourceType switch
        {
            ConfigResourceKind.Topic => topics.Find(resource.ResourceName) is not { } topic
                ? []
                : ConfigListing.Visible(topic.Configs).Select(config => new ShownConfig(config.Definition, config.Value, topic.Configs.Synonyms(config.Definition))),
            ConfigResourceKind.Broker when resource.ResourceName.Length == 0 => ConfigListing.ClusterDefault(broker)
                .Select(config => new ShownConfig(config.Definition, config.Value, [config.Value])),
            ConfigResourceKind.Broker => ConfigListing.Visible(broker)
                .Select(config => new ShownConfig(config.Definition, config.Value, broker.Synonyms(config.Definition.Name))),
            _ => [],
        };
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Describe(ShownConfig config, DescribeConfigsRequest request) => new()
    {
        Name = config.Definition.Name,
        Value = config.Definition.IsSensitive ? null : config.Value.Value,
        ReadOnly = config.Definition.IsReadOnly,
        ConfigSource = (sbyte)config.Value.Source,
        IsSensitive = config.Definition.IsSensitive,
        Synonyms = request.IncludeSynonyms ? [.. config.Synonyms.Select(synonym => Describe(synonym, config.Definition.IsSensitive))] : [],
        ConfigType = (sbyte)config.Definition.Kind,
        Documentation = request.IncludeDocumentation ? config.Definition.Documentation : null,
    };

    private static DescribeConfigsResponse.DescribeConfigsSynonym Describe(ConfigValue value, bool isSensitive) =>
        new() { Name = value.Name, Value = isSensitive ? null : value.Value, Source = (sbyte)value.Source };

    private readonly record struct ShownConfig(ConfigDefinition Definition, ConfigValue Value, IEnumerable<ConfigValue> Synonyms);
}
