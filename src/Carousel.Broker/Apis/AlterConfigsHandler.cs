using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Replaces all configs of a resource: what isn't named goes back to its default.</summary>
internal sealed class AlterConfigsHandler(TopicCatalog topics) : ApiHandler<AlterConfigsRequest, AlterConfigsResponse>
{
    protected override async ValueTask<AlterConfigsResponse?> HandleAsync(AlterConfigsRequest request, RequestContext context)
    {
        HashSet<(sbyte, string)> twice = Duplicates.Of(request.Resources.Select(resource => (resource.ResourceType, resource.ResourceName)));
        var responses = new List<AlterConfigsResponse.AlterConfigsResourceResponse>();
        foreach (AlterConfigsRequest.AlterConfigsResource resource in request.Resources)
        {
            (sbyte Type, string Name) name = (resource.ResourceType, resource.ResourceName);
            CatalogResult result = twice.Contains(name)
                ? new CatalogResult(ErrorCode.InvalidRequest, "Each resource must appear at most once.")
                : await ConfigResources.AlterAsync(name, set => Replace(set, resource.Configs), request.ValidateOnly, topics, context.ConnectionClosed);
            responses.Add(new() { ErrorCode = result.Error, ErrorMessage = result.Reason, ResourceType = name.Type, ResourceName = name.Name });
        }

        return new AlterConfigsResponse { Responses = [.. responses] };
    }

    private static ConfigChange[] Replace(ConfigOverrides set, AlterConfigsRequest.AlterableConfig[] wanted) =>
    [
        .. set.Values.Keys.Except(wanted.Select(config => config.Name)).Select(name => new ConfigChange(name, ConfigOperation.Delete, null)),
        .. wanted.Select(config => new ConfigChange(config.Name, ConfigOperation.Set, config.Value)),
    ];
}
