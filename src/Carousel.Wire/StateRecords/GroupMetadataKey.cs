namespace Carousel.Wire;

/// <summary>The key of a group's state in __consumer_offsets: version 0.</summary>
public sealed class GroupMetadataKey : IMessage
{
    public string Group { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Group = visitor.String("group", Group);
        visitor.EndStruct(this, version);
    }
}
