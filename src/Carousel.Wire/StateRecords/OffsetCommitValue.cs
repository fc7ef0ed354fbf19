namespace Carousel.Wire;

/// <summary>A committed offset in __consumer_offsets: versions 0 to 4, flexible from 4.</summary>
public sealed class OffsetCommitValue : ITaggedMessage
{
    public long offset { get; set; }

    public int leaderEpoch { get; set; } = -1;

    public string metadata { get; set; } = "";

    public long commitTimestamp { get; set; }

    public long expireTimestamp { get; set; } = -1;

    public Guid topicId { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        offset = visitor.Int64("offset", offset);

        if (version >= 3)
        {
            leaderEpoch = visitor.Int32("leaderEpoch", leaderEpoch);
        }

        metadata = visitor.String("metadata", metadata);
        commitTimestamp = visitor.Int64("commitTimestamp", commitTimestamp);

        if (version == 1)
        {
            expireTimestamp = visitor.Int64("expireTimestamp", expireTimestamp);
        }

        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) => (version >= 4 ? 1u << 0 : 0);

    public uint TagsSet(short version) => (version >= 4 && topicId != default ? 1u << 0 : 0);

    public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        switch (tag)
        {
            case 0:
                topicId = visitor.Uuid("topicId", topicId);
                break;
        }
    }
}
