namespace Carousel.Wire;

/// <summary>The key of a committed offset in __consumer_offsets: version 0.</summary>
public sealed class OffsetCommitKey : IMessage
{
    public string group { get; set; } = "";

    public string topic { get; set; } = "";

    public int partition { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        group = visitor.String("group", group);
        topic = visitor.String("topic", topic);
        partition = visitor.Int32("partition", partition);
        visitor.EndStruct(this, version);
    }
}
