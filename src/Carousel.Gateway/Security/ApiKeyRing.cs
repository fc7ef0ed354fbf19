using System.Security.Cryptography;
using System.Text;
using Carousel.Orders;

namespace Carousel.Gateway.Security;

/// <summary>The configured keys as digests. A lookup compares with every one of them in constant time, so it tells nothing by how long it takes.</summary>
internal sealed class ApiKeyRing
{
    private const int KeyLengthMin = 16;
    private readonly (byte[] Digest, Client Client)[] _keys;

    public ApiKeyRing(GatewayOptions options, TimeProvider time)
    {
        var limits = new Dictionary<string, TokenBucket?>(StringComparer.Ordinal);
        var keys = new List<(byte[] Digest, Client Client)>();
        foreach (ApiKeyOptions key in options.ApiKeys)
        {
            CheckName(key.Client);
            if (!limits.TryGetValue(key.Client, out TokenBucket? limit))
            {
                limits[key.Client] = limit = Limit(options, time);
            }

            byte[] digest = Digest(key);
            if (keys.Any(other => other.Digest.AsSpan().SequenceEqual(digest)))
            {
                throw new GatewayOptionsException($"The key of client {key.Client} is configured twice; give each entry of Gateway:ApiKeys its own.");
            }

            keys.Add((digest, new Client(key.Client, ParseScopes(key), limit)));
        }

        _keys = [.. keys];
        Local = _keys.Length == 0 ? new Client(Client.LocalName, Scopes.All, Limit(options, time)) : null;
        ClientNames = Local is null ? [.. limits.Keys] : [Client.LocalName];
    }

    /// <summary>Everybody, where no keys are configured.</summary>
    public Client? Local { get; }

    public IReadOnlyList<string> ClientNames { get; }

    public Client? Find(string key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), digest);
        Client? found = null;
        foreach ((byte[] expected, Client client) in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(expected, digest) ? client : found;
        }

        return found;
    }

    private static TokenBucket? Limit(GatewayOptions options, TimeProvider time) =>
        options.RequestsPerSecondMax > 0 ? new TokenBucket(options.RequestsPerSecondMax, options.RequestBurstMax, time) : null;

    private static void CheckName(string name)
    {
        if (!Identifier.IsValid(name, 64))
        {
            throw new GatewayOptionsException("Every entry of Gateway:ApiKeys needs a Client of 1 to 64 printable ASCII characters.");
        }
    }

    private static byte[] Digest(ApiKeyOptions key)
    {
        if (key is { Key: { } plain, KeySha256: null })
        {
            return plain.Length >= KeyLengthMin
                ? SHA256.HashData(Encoding.UTF8.GetBytes(plain))
                : throw new GatewayOptionsException($"The key of client {key.Client} needs at least {KeyLengthMin} characters; make one with: openssl rand -hex 32");
        }

        if (key is { Key: null, KeySha256: { Length: 2 * SHA256.HashSizeInBytes } hex } && hex.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(hex);
        }

        throw new GatewayOptionsException($"Client {key.Client} needs either Key, or KeySha256 with 64 hex digits (printf %s KEY | sha256sum).");
    }

    private static Scopes ParseScopes(ApiKeyOptions key)
    {
        Scopes scopes = Scopes.None;
        foreach (string name in key.Scopes)
        {
            scopes |= name switch
            {
                "orders:write" => Scopes.OrdersWrite,
                "orders:read" => Scopes.OrdersRead,
                "operator" => Scopes.Operator,
                _ => throw new GatewayOptionsException($"Client {key.Client} has an unknown scope {name}; there are orders:write, orders:read and operator."),
            };
        }

        return scopes != Scopes.None
            ? scopes
            : throw new GatewayOptionsException($"Client {key.Client} has no scopes; there are orders:write, orders:read and operator.");
    }
}
