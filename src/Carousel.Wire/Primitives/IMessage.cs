namespace Carousel.Wire;

/// <summary>
/// A structure of the protocol. One walk over its fields, in wire order, serves everything: reading, writing, sizing and describing are visitors.
/// </summary>
public interface IMessage
{
    /// <summary>Shows the visitor each field that the version has, takes what it answers, and ends with its <c>EndStruct</c>.</summary>
    void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct;
}

/// <summary>A structure with tagged fields (KIP-482), which are absent while they have their default.</summary>
public interface ITaggedMessage : IMessage
{
    /// <summary>One bit for each tag that the version has, bit 0 for tag 0.</summary>
    uint TagsKnown(short version);

    /// <summary>The tags whose fields differ from their default.</summary>
    uint TagsSet(short version);

    /// <summary>Shows the visitor the one field of this tag.</summary>
    void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct;
}

/// <summary>The body of a request, which knows its place in the protocol.</summary>
public interface IRequest : IMessage
{
    static abstract Api Api { get; }
}

/// <summary>One API of the protocol, and the versions of it that these messages speak.</summary>
/// <param name="FlexibleFrom">
/// The first version with compact lengths and tagged fields (KIP-482); above <paramref name="VersionMax"/> where there is none.
/// </param>
public sealed record Api(ApiKey Key, short VersionMin, short VersionMax, short FlexibleFrom)
{
    public bool IsFlexible(short version) => version >= FlexibleFrom;

    /// <summary>Request header v2 with tagged fields for flexible versions, v1 otherwise (Kafka's ApiMessageType.requestHeaderVersion).</summary>
    public short RequestHeaderVersion(short version) => (short)(IsFlexible(version) ? 2 : 1);

    /// <summary>Response header v1 for flexible versions, v0 otherwise; always v0 for ApiVersions, whose asker knows no version yet (KIP-511).</summary>
    public short ResponseHeaderVersion(short version) => (short)(IsFlexible(version) && Key != ApiKey.ApiVersions ? 1 : 0);
}
