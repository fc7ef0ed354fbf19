namespace Carousel.Wire;

/// <summary>Commits a group's offsets in a transaction: versions 0 to 5.</summary>
public sealed class TxnOffsetCommitRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.TxnOffsetCommit, VersionMin: 0, VersionMax: 5, FlexibleFrom: 3);

    public string TransactionalId { get; set; } = "";

    public string GroupId { get; set; } = "";

    public long ProducerId { get; set; }

    public short ProducerEpoch { get; set; }

    public int GenerationId { get; set; } = -1;

    public string MemberId { get; set; } = "";

    public string? GroupInstanceId { get; set; }

    public TxnOffsetCommitRequestTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalId = visitor.String("TransactionalId", TransactionalId);
        GroupId = visitor.String("GroupId", GroupId);
        ProducerId = visitor.Int64("ProducerId", ProducerId);
        ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);

        if (version >= 3)
        {
            GenerationId = visitor.Int32("GenerationId", GenerationId);
            MemberId = visitor.String("MemberId", MemberId);
            GroupInstanceId = visitor.NullableString("GroupInstanceId", GroupInstanceId);
        }

        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TxnOffsetCommitRequestTopic : IMessage
    {
        public string Name { get; set; } = "";

        public TxnOffsetCommitRequestPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class TxnOffsetCommitRequestPartition : IMessage
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

            if (version >= 2)
            {
                CommittedLeaderEpoch = visitor.Int32("CommittedLeaderEpoch", CommittedLeaderEpoch);
            }

            CommittedMetadata = visitor.NullableString("CommittedMetadata", CommittedMetadata);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="TxnOffsetCommitRequest"/>
public sealed class TxnOffsetCommitResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public TxnOffsetCommitResponseTopic[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TxnOffsetCommitResponseTopic : IMessage
    {
        public string Name { get; set; } = "";

        public TxnOffsetCommitResponsePartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class TxnOffsetCommitResponsePartition : IMessage
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
