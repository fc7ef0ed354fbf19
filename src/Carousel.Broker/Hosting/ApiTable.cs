using Carousel.Broker.Apis;
using Carousel.Wire;

namespace Carousel.Broker.Hosting;

/// <summary>A request whose header is understood, and who answers it.</summary>
/// <param name="Header">In the version that the answer is written in.</param>
internal readonly record struct ParsedRequest(ApiHandler Handler, RequestHeader Header, ReadOnlyMemory<byte> Body);

/// <summary>Every API that this broker speaks, and who answers it.</summary>
internal sealed class ApiTable
{
    private readonly ApiHandler?[] _byKey = new ApiHandler?[128];
    private readonly Func<short, short, bool?> _isFlexible;
    private readonly ApiVersionsHandler _versions;

    /// <param name="handlers">All but the one of ApiVersions, which tells of them.</param>
    /// <param name="features">What ApiVersions says of the broker's features.</param>
    public ApiTable(IReadOnlyCollection<ApiHandler> handlers, BrokerFeatures features)
    {
        _isFlexible = IsFlexible;
        _versions = new ApiVersionsHandler(handlers, features);
        foreach (ApiHandler handler in (IEnumerable<ApiHandler>)[.. handlers, _versions])
        {
            ref ApiHandler? place = ref _byKey[(short)handler.Api.Key];
            place = place is null ? handler : throw new ArgumentException($"{handler.Api.Key} has two handlers.", nameof(handlers));
        }
    }

    /// <exception cref="WireFormatException">The frame doesn't begin with a header.</exception>
    /// <exception cref="CloseConnectionException">
    /// The API or its version isn't spoken here, so there is no form for an answer; but ApiVersions has one for any version (KIP-511).
    /// </exception>
    public ParsedRequest Parse(ReadOnlyMemory<byte> frame)
    {
        (RequestHeader header, ReadOnlyMemory<byte> body) = RequestHeader.Read(frame, _isFlexible);
        if (Find(header.ApiKey) is not { } handler)
        {
            throw Refuse($"API {header.ApiKey} isn't spoken here");
        }

        if (Answers(handler, header.ApiVersion))
        {
            return new ParsedRequest(handler, header, body);
        }

        return handler == _versions
            ? new ParsedRequest(_versions.ForUnknownVersion, header with { ApiVersion = 0 }, default)
            : throw Refuse($"{handler.Api.Key} is spoken here in versions {handler.Api.VersionMin} to {handler.VersionMax}, not in {header.ApiVersion}");
    }

    private static bool Answers(ApiHandler handler, short version) => version >= handler.Api.VersionMin && version <= handler.VersionMax;

    private static CloseConnectionException Refuse(string text) => new(new CloseReason(CloseCause.Protocol, text));

    private ApiHandler? Find(short key) => key >= 0 && key < _byKey.Length ? _byKey[key] : null;

    private bool? IsFlexible(short key, short version) => Find(key) is { } handler && Answers(handler, version) ? handler.Api.IsFlexible(version) : null;
}
