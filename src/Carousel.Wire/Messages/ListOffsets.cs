namespace Carousel.Wire;

/// <summary>Finds offsets by timestamp, or the first and last of a partition: versions 1 to 11.</summary>
public sealed class ListOffsetsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.ListOffsets, VersionMin: 1, VersionMax: 11, FlexibleFrom: 6);

    public int ReplicaId { get; set; }

    public sbyte IsolationLevel { get; set; }

    public ListOffsetsTopic[] Topics { get; set; } = [];

    public int TimeoutMs { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ReplicaId = visitor.Int32("ReplicaId", ReplicaId);

        if (version >= 2)
        {
            IsolationLevel = visitor.Int8("IsolationLevel", IsolationLevel);
        }

        Topics = visitor.Array("Topics", Topics, version);

        if (version >= 10)
        {
            TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class ListOffsetsTopic : IMessage
    {
        public string Name { get; set; } = "";

        public ListOffsetsPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class ListOffsetsPartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public int CurrentLeaderEpoch { get; set; } = -1;

        public long Timestamp { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);

            if (version >= 4)
            {
                CurrentLeaderEpoch = visitor.Int32("CurrentLeaderEpoch", CurrentLeaderEpoch);
            }

            Timestamp = visitor.Int64("Timestamp", Timestamp);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="ListOffsetsRequest"/>
public sealed class ListOffsetsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ListOffsetsTopicResponse[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 2)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class ListOffsetsTopicResponse : IMessage
    {
        public string Name { get; set; } = "";

        public ListOffsetsPartitionResponse[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class ListOffsetsPartitionResponse : IMessage
    {
        public int PartitionIndex { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public long Timestamp { get; set; } = -1;

        public long Offset { get; set; } = -1;

        public int LeaderEpoch { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            Timestamp = visitor.Int64("Timestamp", Timestamp);
            Offset = visitor.Int64("Offset", Offset);

            if (version >= 4)
            {
                LeaderEpoch = visitor.Int32("LeaderEpoch", LeaderEpoch);
            }

            visitor.EndStruct(this, version);
        }
    }
}
