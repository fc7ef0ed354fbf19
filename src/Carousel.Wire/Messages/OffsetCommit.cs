namespace Carousel.Wire;

/// <summary>Commits a group's offsets, outside any transaction: versions 2 to 10.</summary>
public sealed class OffsetCommitRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.OffsetCommit, VersionMin: 2, VersionMax: 10, FlexibleFrom: 8);

    public string GroupId { get; set; } = "";

    public int GenerationIdOrMemberEpoch { get; set; } = -1;

    public string MemberId { get; set; } = "";

    public string? GroupInstanceId { get; set; }

    public long RetentionTimeMs { get; set; } = -1;

    public OffsetCommitRequestTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        GroupId = visitor.String("GroupId", GroupId);
        GenerationIdOrMemberEpoch = visitor.Int32("GenerationIdOrMemberEpoch", GenerationIdOrMemberEpoch);
        MemberId = visitor.String("MemberId", MemberId);

        if (version >= 7)
        {
            GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
        }

        if (version <= 4)
        {
            RetentionTimeMs = visitor.Int64("RetentionTimeMs", RetentionTimeMs);
        }

        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OffsetCommitRequestTopic : IMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public OffsetCommitRequestPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 9)
            {
                Name = visitor.String("Name", Name);
            }

            if (version >= 10)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetCommitRequestPartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public long CommittedOffset { get; set; }

        public int CommittedLeaderEpoch { get; set; } = -1;

        public string? CommittedMetadata { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            CommittedOffset = visitor.Int64("CommittedOffset", CommittedOffset);

            if (version >= 6)
            {
                CommittedLeaderEpoch = visitor.Int32("CommittedLeaderEpoch", CommittedLeaderEpoch);
            }

            CommittedMetadata = visitor.NullableString("CommittedMetadata", CommittedMetadata);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="OffsetCommitRequest"/>
public sealed class OffsetCommitResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public OffsetCommitResponseTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 3)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OffsetCommitResponseTopic : IMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public OffsetCommitResponsePartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 9)
            {
                Name = visitor.String("Name", Name);
            }

            if (version >= 10)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetCommitResponsePartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }
}
