using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Changes single configs, and leaves the others as they are (KIP-339).</summary>
internal sealed class IncrementalAlterConfigsHandler(TopicCatalog topics) : ApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    protected override async ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(IncrementalAlterConfigsRequest request, RequestContext context)
    {
        HashSet<(sbyte, string)> twice = Duplicates.Of(request.Resources.Select(resource => (resource.ResourceType, resource.ResourceName)));
        var responses = new List<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse>();
        foreach (IncrementalAlterConfigsRequest.AlterConfigsResource resource in request.Resources)
        {
            (sbyte Type, string Name) name = (resource.ResourceType, resource.ResourceName);
            ConfigChange[] changes = [.. resource.Configs.Select(config => new ConfigChange(config.Name, (ConfigOperation)config.ConfigOperation, config.Value))];
            CatalogResult result = twice.Contains(name)
                ? new CatalogResult(ErrorCode.InvalidRequest, "Each resource must appear at most once.")
                : await ConfigResources.AlterAsync(name, _ => changes, request.ValidateOnly, topics, context.ConnectionClosed);
            responses.Add(new() { ErrorCode = result.Error, ErrorMessage = result.Reason, ResourceType = name.Type, ResourceName = name.Name });
        }

        return new IncrementalAlterConfigsResponse { Responses = [.. responses] };
    }
}
