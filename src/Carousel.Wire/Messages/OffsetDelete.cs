namespace Carousel.Wire;

/// <summary>Deletes a group's committed offsets of single partitions: version 0.</summary>
public sealed class OffsetDeleteRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.OffsetDelete, VersionMin: 0, VersionMax: 0, FlexibleFrom: 1);

    public string GroupId { get; set; } = "";

    public OffsetDeleteRequestTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        GroupId = visitor.String("GroupId", GroupId);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OffsetDeleteRequestTopic : IMessage
    {
        public string Name { get; set; } = "";

        public OffsetDeleteRequestPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetDeleteRequestPartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="OffsetDeleteRequest"/>
public sealed class OffsetDeleteResponse : IMessage
{
    public ErrorCode ErrorCode { get; set; }

    public int ThrottleTimeMs { get; set; }

    public OffsetDeleteResponseTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OffsetDeleteResponseTopic : IMessage
    {
        public string Name { get; set; } = "";

        public OffsetDeleteResponsePartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetDeleteResponsePartition : IMessage
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
