namespace Carousel.Wire;

/// <summary>Reads a group's committed offsets: versions 1 to 10.</summary>
public sealed class OffsetFetchRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.OffsetFetch, VersionMin: 1, VersionMax: 10, FlexibleFrom: 6);

    public string GroupId { get; set; } = "";

    public OffsetFetchRequestTopic[]? Topics { get; set; } = [];

    public OffsetFetchRequestGroup[] Groups { get; set; } = [];

    public bool RequireStable { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version <= 7)
        {
            GroupId = visitor.String("GroupId", GroupId);
            Topics = version >= 2 ? visitor.NullableArray("Topics", Topics, version) : visitor.Array("Topics", Topics!, version);
        }

        if (version >= 8)
        {
            Groups = visitor.Array("Groups", Groups, version);
        }

        if (version >= 7)
        {
            RequireStable = visitor.Boolean("RequireStable", RequireStable);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class OffsetFetchRequestTopic : IMessage
    {
        public string Name { get; set; } = "";

        public int[] PartitionIndexes { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            PartitionIndexes = visitor.Int32Array("PartitionIndexes", PartitionIndexes);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetFetchRequestGroup : IMessage
    {
        public string GroupId { get; set; } = "";

        public string? MemberId { get; set; }

        public int MemberEpoch { get; set; } = -1;

        public OffsetFetchRequestTopics[]? Topics { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            GroupId = visitor.String("GroupId", GroupId);

            if (version >= 9)
            {
                MemberId = visitor.NullableString("MemberId", MemberId);
                MemberEpoch = visitor.Int32("MemberEpoch", MemberEpoch);
            }

            Topics = visitor.NullableArray("Topics", Topics, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetFetchRequestTopics : IMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public int[] PartitionIndexes { get; set; } = [];

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

            PartitionIndexes = visitor.Int32Array("PartitionIndexes", PartitionIndexes);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="OffsetFetchRequest"/>
public sealed class OffsetFetchResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public OffsetFetchResponseTopic[] Topics { get; set; } = [];

    public ErrorCode ErrorCode { get; set; }

    public OffsetFetchResponseGroup[] Groups { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 3)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        if (version <= 7)
        {
            Topics = visitor.Array("Topics", Topics, version);
        }

        if (version is >= 2 and <= 7)
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        }

        if (version >= 8)
        {
            Groups = visitor.Array("Groups", Groups, version);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class OffsetFetchResponseTopic : IMessage
    {
        public string Name { get; set; } = "";

        public OffsetFetchResponsePartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetFetchResponseGroup : IMessage
    {
        public string GroupId { get; set; } = "";

        public OffsetFetchResponseTopics[] Topics { get; set; } = [];

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            GroupId = visitor.String("GroupId", GroupId);
            Topics = visitor.Array("Topics", Topics, version);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetFetchResponsePartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public long CommittedOffset { get; set; }

        public int CommittedLeaderEpoch { get; set; } = -1;

        public string? Metadata { get; set; } = "";

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            CommittedOffset = visitor.Int64("CommittedOffset", CommittedOffset);

            if (version >= 5)
            {
                CommittedLeaderEpoch = visitor.Int32("CommittedLeaderEpoch", CommittedLeaderEpoch);
            }

            Metadata = visitor.NullableString("Metadata", Metadata);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetFetchResponseTopics : IMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public OffsetFetchResponsePartitions[] Partitions { get; set; } = [];

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

    public sealed class OffsetFetchResponsePartitions : IMessage
    {
        public int PartitionIndex { get; set; }

        public long CommittedOffset { get; set; }

        public int CommittedLeaderEpoch { get; set; } = -1;

        public string? Metadata { get; set; } = "";

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            CommittedOffset = visitor.Int64("CommittedOffset", CommittedOffset);
            CommittedLeaderEpoch = visitor.Int32("CommittedLeaderEpoch", CommittedLeaderEpoch);
            Metadata = visitor.NullableString("Metadata", Metadata);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }
}
