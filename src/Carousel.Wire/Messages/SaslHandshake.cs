namespace Carousel.Wire;

/// <summary>Chooses a SASL mechanism: versions 0 to 1.</summary>
public sealed class SaslHandshakeRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.SaslHandshake, VersionMin: 0, VersionMax: 1, FlexibleFrom: 2);

    public string Mechanism { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Mechanism = visitor.String("Mechanism", Mechanism);
        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="SaslHandshakeRequest"/>
public sealed class SaslHandshakeResponse : IMessage
{
    public ErrorCode ErrorCode { get; set; }

    public string[] Mechanisms { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        Mechanisms = visitor.StringArray("Mechanisms", Mechanisms);
        visitor.EndStruct(this, version);
    }
}
