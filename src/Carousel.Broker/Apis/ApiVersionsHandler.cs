using System.Text.RegularExpressions;
using Carousel.Broker.Hosting;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Tells clients which APIs are spoken here, in which versions, and the features in force.</summary>
internal sealed partial class ApiVersionsHandler : ApiHandler<ApiVersionsRequest, ApiVersionsResponse>
{
    private readonly ApiVersionsResponse.ApiVersion[] _versions;
    private readonly BrokerFeatures _features;

    /// <param name="handlers">All the others.</param>
    public ApiVersionsHandler(IEnumerable<ApiHandler> handlers, BrokerFeatures features)
    {
        _features = features;
        _versions = [.. handlers.Append(this).Select(Range).OrderBy(version => version.ApiKey)];
        ForUnknownVersion = new UnknownVersionHandler(Range(this));
    }

    /// <summary>Answers a version of ApiVersions that isn't spoken here, in the form of version 0: the client then asks again (KIP-511).</summary>
    public ApiHandler ForUnknownVersion { get; }

    protected override ValueTask<ApiVersionsResponse?> HandleAsync(ApiVersionsRequest request, RequestContext context)
    {
        bool isSound = context.ApiVersion < 3 || (IsSoftwareName(request.ClientSoftwareName) && IsSoftwareName(request.ClientSoftwareVersion));
        return ValueTask.FromResult<ApiVersionsResponse?>(
            isSound ? Describe(context.ApiVersion) : new ApiVersionsResponse { ErrorCode = ErrorCode.InvalidRequest });
    }

    private static ApiVersionsResponse.ApiVersion Range(ApiHandler handler) =>
        new() { ApiKey = (short)handler.Api.Key, MinVersion = handler.AdvertisedVersionMin, MaxVersion = handler.VersionMax };

    /// <summary>Kafka's ApiVersionsRequest: what names itself otherwise isn't let in.</summary>
    private static bool IsSoftwareName(string name) => SoftwareName().IsMatch(name);

    [GeneratedRegex(@"\A[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?\z")]
    private static partial Regex SoftwareName();

    /// <summary>Before version 4 a feature that may be off isn't named: older Java clients take a minimum of 0 for broken (KAFKA-17492).</summary>
    private ApiVersionsResponse Describe(short version) => new()
    {
        ApiKeys = _versions,
        FinalizedFeaturesEpoch = _features.Epoch,
        SupportedFeatures =
        [
            .. _features.All.Where(feature => version >= 4 || feature.LevelMin > 0).Select(feature =>
                new ApiVersionsResponse.SupportedFeatureKey { Name = feature.Name, MinVersion = feature.LevelMin, MaxVersion = feature.LevelMax }),
        ],
        FinalizedFeatures =
        [
            .. _features.All.Where(feature => feature.Level > 0).Select(feature =>
                new ApiVersionsResponse.FinalizedFeatureKey { Name = feature.Name, MinVersionLevel = feature.Level, MaxVersionLevel = feature.Level }),
        ],
    };

    private sealed class UnknownVersionHandler(ApiVersionsResponse.ApiVersion own) : ApiHandler
    {
        public override Api Api => ApiVersionsRequest.Api;

        public override ValueTask<IMessage?> HandleAsync(ReadOnlyMemory<byte> body, RequestContext context) =>
            ValueTask.FromResult<IMessage?>(new ApiVersionsResponse { ErrorCode = ErrorCode.UnsupportedVersion, ApiKeys = [own] });
    }
}
