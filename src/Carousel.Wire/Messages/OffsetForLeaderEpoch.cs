namespace Carousel.Wire;

/// <summary>Tells where a leader epoch ended: versions 2 to 4.</summary>
public sealed class OffsetForLeaderEpochRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.OffsetForLeaderEpoch, VersionMin: 2, VersionMax: 4, FlexibleFrom: 4);

    public int ReplicaId { get; set; } = -2;

    public OffsetForLeaderTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 3)
        {
            ReplicaId = visitor.Int32("ReplicaId", ReplicaId);
        }

        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OffsetForLeaderTopic : IMessage
    {
        public string Topic { get; set; } = "";

        public OffsetForLeaderPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Topic = visitor.String("Topic", Topic);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class OffsetForLeaderPartition : IMessage
    {
        public int Partition { get; set; }

        public int CurrentLeaderEpoch { get; set; } = -1;

        public int LeaderEpoch { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Partition = visitor.Int32("Partition", Partition);
            CurrentLeaderEpoch = visitor.Int32("CurrentLeaderEpoch", CurrentLeaderEpoch);
            LeaderEpoch = visitor.Int32("LeaderEpoch", LeaderEpoch);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="OffsetForLeaderEpochRequest"/>
public sealed class OffsetForLeaderEpochResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public OffsetForLeaderTopicResult[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class OffsetForLeaderTopicResult : IMessage
    {
        public string Topic { get; set; } = "";

        public EpochEndOffset[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Topic = visitor.String("Topic", Topic);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class EpochEndOffset : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public int Partition { get; set; }

        public int LeaderEpoch { get; set; } = -1;

        public long EndOffset { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            Partition = visitor.Int32("Partition", Partition);
            LeaderEpoch = visitor.Int32("LeaderEpoch", LeaderEpoch);
            EndOffset = visitor.Int64("EndOffset", EndOffset);
            visitor.EndStruct(this, version);
        }
    }
}
