namespace Carousel.Wire;

/// <summary>Carries the steps of a SASL exchange: versions 0 to 2.</summary>
public sealed class SaslAuthenticateRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.SaslAuthenticate, VersionMin: 0, VersionMax: 2, FlexibleFrom: 2);

    public ReadOnlyMemory<byte> AuthBytes { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        AuthBytes = visitor.Bytes("AuthBytes", AuthBytes);
        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="SaslAuthenticateRequest"/>
public sealed class SaslAuthenticateResponse : IMessage
{
    public ErrorCode ErrorCode { get; set; }

    public string? ErrorMessage { get; set; } = "";

    public ReadOnlyMemory<byte> AuthBytes { get; set; }

    public long SessionLifetimeMs { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
        AuthBytes = visitor.Bytes("AuthBytes", AuthBytes);

        if (version >= 1)
        {
            SessionLifetimeMs = visitor.Int64("SessionLifetimeMs", SessionLifetimeMs);
        }

        visitor.EndStruct(this, version);
    }
}
