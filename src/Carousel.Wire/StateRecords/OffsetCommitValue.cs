namespace Carousel.Wire;

/// <summary>A committed offset in __consumer_offsets: versions 0 to 4, flexible from 4.</summary>
public sealed class OffsetCommitValue : ITaggedMessage
{
    public long Offset { get; set; }

    public int LeaderEpoch { get; set; } = -1;

    public string Metadata { get; set; } = "";

    public long CommitTimestamp { get; set; }

    public long ExpireTimestamp { get; set; } = -1;

    public Guid TopicId { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Offset = visitor.Int64("offset", Offset);

        if (version >= 3)
        {
            LeaderEpoch = visitor.Int32("leaderEpoch", LeaderEpoch);
        }

        Metadata = visitor.String("metadata", Metadata);
        CommitTimestamp = visitor.Int64("commitTimestamp", CommitTimestamp);

        if (version == 1)
        {
            ExpireTimestamp = visitor.Int64("expireTimestamp", ExpireTimestamp);
        }

        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) => version >= 4 ? 1u << 0 : 0;

    public uint TagsSet(short version) => version >= 4 && TopicId != default ? 1u << 0 : 0;

    public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        switch (tag)
        {
            case 0:
                TopicId = visitor.Uuid("topicId", TopicId);
                break;
        }
    }
}
