namespace Carousel.Wire;

/// <summary>Moves the log start offset of partitions: versions 0 to 2.</summary>
public sealed class DeleteRecordsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DeleteRecords, VersionMin: 0, VersionMax: 2, FlexibleFrom: 2);

    public DeleteRecordsTopic[] Topics { get; set; } = [];

    public int TimeoutMs { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = visitor.Array("Topics", Topics, version);
        TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        visitor.EndStruct(this, version);
    }

    public sealed class DeleteRecordsTopic : IMessage
    {
        public string Name { get; set; } = "";

        public DeleteRecordsPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class DeleteRecordsPartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public long Offset { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            Offset = visitor.Int64("Offset", Offset);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="DeleteRecordsRequest"/>
public sealed class DeleteRecordsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DeleteRecordsTopicResult[] Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Topics = visitor.Array("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DeleteRecordsTopicResult : IMessage
    {
        public string Name { get; set; } = "";

        public DeleteRecordsPartitionResult[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class DeleteRecordsPartitionResult : IMessage
    {
        public int PartitionIndex { get; set; }

        public long LowWatermark { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            LowWatermark = visitor.Int64("LowWatermark", LowWatermark);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            visitor.EndStruct(this, version);
        }
    }
}
