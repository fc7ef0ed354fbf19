namespace Carousel.Wire;

/// <summary>Appends record batches to partitions: versions 3 to 13.</summary>
public sealed class ProduceRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.Produce, VersionMin: 3, VersionMax: 13, FlexibleFrom: 9);

    public string? TransactionalId { get; set; }

    public short Acks { get; set; }

    public int TimeoutMs { get; set; }

    public TopicProduceData[] TopicData { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TransactionalId = visitor.NullableString("TransactionalId", TransactionalId);
        Acks = visitor.Int16("Acks", Acks);
        TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        TopicData = visitor.Array("TopicData", TopicData, version);
        visitor.EndStruct(this, version);
    }

    public sealed class TopicProduceData : IMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public PartitionProduceData[] PartitionData { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 12)
            {
                Name = visitor.String("Name", Name);
            }

            if (version >= 13)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            PartitionData = visitor.Array("PartitionData", PartitionData, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class PartitionProduceData : IMessage
    {
        public int Index { get; set; }

        public ReadOnlyMemory<byte> Records { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Index = visitor.Int32("Index", Index);
            Records = visitor.Records("Records", Records);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="ProduceRequest"/>
public sealed class ProduceResponse : ITaggedMessage
{
    public TopicProduceResponse[] Responses { get; set; } = [];

    public int ThrottleTimeMs { get; set; }

    public NodeEndpoint[] NodeEndpoints { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Responses = visitor.Array("Responses", Responses, version);
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) => version >= 10 ? 1u << 0 : 0;

    public uint TagsSet(short version) => version >= 10 && NodeEndpoints is { Length: > 0 } ? 1u << 0 : 0;

    public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        switch (tag)
        {
            case 0:
                NodeEndpoints = visitor.Array("NodeEndpoints", NodeEndpoints, version);
                break;
        }
    }

    public sealed class TopicProduceResponse : IMessage
    {
        public string Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public PartitionProduceResponse[] PartitionResponses { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 12)
            {
                Name = visitor.String("Name", Name);
            }

            if (version >= 13)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            PartitionResponses = visitor.Array("PartitionResponses", PartitionResponses, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class NodeEndpoint : IMessage
    {
        public int NodeId { get; set; }

        public string Host { get; set; } = "";

        public int Port { get; set; }

        public string? Rack { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            NodeId = visitor.Int32("NodeId", NodeId);
            Host = visitor.String("Host", Host);
            Port = visitor.Int32("Port", Port);
            Rack = visitor.NullableString("Rack", Rack);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class PartitionProduceResponse : ITaggedMessage
    {
        public int Index { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public long BaseOffset { get; set; }

        public long LogAppendTimeMs { get; set; } = -1;

        public long LogStartOffset { get; set; } = -1;

        public BatchIndexAndErrorMessage[] RecordErrors { get; set; } = [];

        public string? ErrorMessage { get; set; }

        public LeaderIdAndEpoch CurrentLeader { get; set; } = new();

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Index = visitor.Int32("Index", Index);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            BaseOffset = visitor.Int64("BaseOffset", BaseOffset);
            LogAppendTimeMs = visitor.Int64("LogAppendTimeMs", LogAppendTimeMs);

            if (version >= 5)
            {
                LogStartOffset = visitor.Int64("LogStartOffset", LogStartOffset);
            }

            if (version >= 8)
            {
                RecordErrors = visitor.Array("RecordErrors", RecordErrors, version);
                ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            }

            visitor.EndStruct(this, version);
        }

        public uint TagsKnown(short version) => version >= 10 ? 1u << 0 : 0;

        public uint TagsSet(short version) => version >= 10 && (CurrentLeader.LeaderId != -1 || CurrentLeader.LeaderEpoch != -1) ? 1u << 0 : 0;

        public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            switch (tag)
            {
                case 0:
                    CurrentLeader = visitor.Struct("CurrentLeader", CurrentLeader, version);
                    break;
            }
        }
    }

    public sealed class BatchIndexAndErrorMessage : IMessage
    {
        public int BatchIndex { get; set; }

        public string? BatchIndexErrorMessage { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            BatchIndex = visitor.Int32("BatchIndex", BatchIndex);
            BatchIndexErrorMessage = visitor.NullableString("BatchIndexErrorMessage", BatchIndexErrorMessage);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class LeaderIdAndEpoch : IMessage
    {
        public int LeaderId { get; set; } = -1;

        public int LeaderEpoch { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            LeaderId = visitor.Int32("LeaderId", LeaderId);
            LeaderEpoch = visitor.Int32("LeaderEpoch", LeaderEpoch);
            visitor.EndStruct(this, version);
        }
    }
}
