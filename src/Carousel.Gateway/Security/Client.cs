namespace Carousel.Gateway.Security;

/// <summary>What a key allows.</summary>
[Flags]
internal enum Scopes
{
    None = 0,
    OrdersWrite = 1,
    OrdersRead = 2,
    Operator = 4,
    All = OrdersWrite | OrdersRead | Operator,
}

/// <summary>Who calls.</summary>
internal sealed record Client(string Name, Scopes Scopes, TokenBucket? Limit)
{
    public const string LocalName = "local";

    public bool Has(Scopes anyOf) => (Scopes & anyOf) != 0;
}

/// <summary>Endpoint metadata: a caller needs one of these scopes.</summary>
internal sealed record RequiredScopes(Scopes AnyOf);
