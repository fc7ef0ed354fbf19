namespace Carousel.Wire;

/// <summary>The key of a committed offset in __consumer_offsets: version 0.</summary>
public sealed class OffsetCommitKey : IMessage
{
    public string Group { get; set; } = "";

    public string Topic { get; set; } = "";

    public int Partition { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Group = visitor.String("group", Group);
        Topic = visitor.String("topic", Topic);
        Partition = visitor.Int32("partition", Partition);
        visitor.EndStruct(this, version);
    }
}
