namespace Carousel.Wire;

/// <summary>Reads record batches from partitions, waiting for them if asked to: versions 4 to 18.</summary>
public sealed class FetchRequest : IRequest, ITaggedMessage
{
    public static Api Api { get; } = new(ApiKey.Fetch, VersionMin: 4, VersionMax: 18, FlexibleFrom: 12);

    public string? ClusterId { get; set; }

    public int ReplicaId { get; set; } = -1;

    public ReplicaStateValue ReplicaState { get; set; } = new();

    public int MaxWaitMs { get; set; }

    public int MinBytes { get; set; }

    public int MaxBytes { get; set; } = int.MaxValue;

    public sbyte IsolationLevel { get; set; }

    public int SessionId { get; set; }

    public int SessionEpoch { get; set; } = -1;

    public FetchTopic[] Topics { get; set; } = [];

    public ForgottenTopic[] ForgottenTopicsData { get; set; } = [];

    public string RackId { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version <= 14)
        {
            ReplicaId = visitor.Int32("ReplicaId", ReplicaId);
        }

        MaxWaitMs = visitor.Int32("MaxWaitMs", MaxWaitMs);
        MinBytes = visitor.Int32("MinBytes", MinBytes);
        MaxBytes = visitor.Int32("MaxBytes", MaxBytes);
        IsolationLevel = visitor.Int8("IsolationLevel", IsolationLevel);

        if (version >= 7)
        {
            SessionId = visitor.Int32("SessionId", SessionId);
            SessionEpoch = visitor.Int32("SessionEpoch", SessionEpoch);
        }

        Topics = visitor.Array("Topics", Topics, version);

        if (version >= 7)
        {
            ForgottenTopicsData = visitor.Array("ForgottenTopicsData", ForgottenTopicsData, version);
        }

        if (version >= 11)
        {
            RackId = visitor.String("RackId", RackId);
        }

        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) =>
        (version >= 12 ? 1u << 0 : 0)
        | (version >= 15 ? 1u << 1 : 0);

    public uint TagsSet(short version) =>
        (version >= 12 && ClusterId is not null ? 1u << 0 : 0)
        | (version >= 15 && (ReplicaState.ReplicaId != -1 || ReplicaState.ReplicaEpoch != -1) ? 1u << 1 : 0);

    public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        switch (tag)
        {
            case 0:
                ClusterId = visitor.NullableString("ClusterId", ClusterId);
                break;
            case 1:
                ReplicaState = visitor.Struct("ReplicaState", ReplicaState, version);
                break;
        }
    }

    public sealed class ReplicaStateValue : IMessage
    {
        public int ReplicaId { get; set; } = -1;

        public long ReplicaEpoch { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ReplicaId = visitor.Int32("ReplicaId", ReplicaId);
            ReplicaEpoch = visitor.Int64("ReplicaEpoch", ReplicaEpoch);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class FetchTopic : IMessage
    {
        public string Topic { get; set; } = "";

        public Guid TopicId { get; set; }

        public FetchPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 12)
            {
                Topic = visitor.String("Topic", Topic);
            }

            if (version >= 13)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class ForgottenTopic : IMessage
    {
        public string Topic { get; set; } = "";

        public Guid TopicId { get; set; }

        public int[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 12)
            {
                Topic = visitor.String("Topic", Topic);
            }

            if (version >= 13)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            Partitions = visitor.Int32Array("Partitions", Partitions);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class FetchPartition : ITaggedMessage
    {
        public int Partition { get; set; }

        public int CurrentLeaderEpoch { get; set; } = -1;

        public long FetchOffset { get; set; }

        public int LastFetchedEpoch { get; set; } = -1;

        public long LogStartOffset { get; set; } = -1;

        public int PartitionMaxBytes { get; set; }

        public Guid ReplicaDirectoryId { get; set; }

        public long HighWatermark { get; set; } = long.MaxValue;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Partition = visitor.Int32("Partition", Partition);

            if (version >= 9)
            {
                CurrentLeaderEpoch = visitor.Int32("CurrentLeaderEpoch", CurrentLeaderEpoch);
            }

            FetchOffset = visitor.Int64("FetchOffset", FetchOffset);

            if (version >= 12)
            {
                LastFetchedEpoch = visitor.Int32("LastFetchedEpoch", LastFetchedEpoch);
            }

            if (version >= 5)
            {
                LogStartOffset = visitor.Int64("LogStartOffset", LogStartOffset);
            }

            PartitionMaxBytes = visitor.Int32("PartitionMaxBytes", PartitionMaxBytes);
            visitor.EndStruct(this, version);
        }

        public uint TagsKnown(short version) =>
            (version >= 17 ? 1u << 0 : 0)
            | (version >= 18 ? 1u << 1 : 0);

        public uint TagsSet(short version) =>
            (version >= 17 && ReplicaDirectoryId != default ? 1u << 0 : 0)
            | (version >= 18 && HighWatermark != long.MaxValue ? 1u << 1 : 0);

        public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            switch (tag)
            {
                case 0:
                    ReplicaDirectoryId = visitor.Uuid("ReplicaDirectoryId", ReplicaDirectoryId);
                    break;
                case 1:
                    HighWatermark = visitor.Int64("HighWatermark", HighWatermark);
                    break;
            }
        }
    }
}

/// <inheritdoc cref="FetchRequest"/>
public sealed class FetchResponse : ITaggedMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public int SessionId { get; set; }

    public FetchableTopicResponse[] Responses { get; set; } = [];

    public NodeEndpoint[] NodeEndpoints { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);

        if (version >= 7)
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            SessionId = visitor.Int32("SessionId", SessionId);
        }

        Responses = visitor.Array("Responses", Responses, version);
        visitor.EndStruct(this, version);
    }

    public uint TagsKnown(short version) => version >= 16 ? 1u << 0 : 0;

    public uint TagsSet(short version) => version >= 16 && NodeEndpoints is { Length: > 0 } ? 1u << 0 : 0;

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

    public sealed class FetchableTopicResponse : IMessage
    {
        public string Topic { get; set; } = "";

        public Guid TopicId { get; set; }

        public PartitionData[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            if (version <= 12)
            {
                Topic = visitor.String("Topic", Topic);
            }

            if (version >= 13)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            Partitions = visitor.Array("Partitions", Partitions, version);
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

    public sealed class PartitionData : ITaggedMessage
    {
        public int PartitionIndex { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public long HighWatermark { get; set; }

        public long LastStableOffset { get; set; } = -1;

        public long LogStartOffset { get; set; } = -1;

        public EpochEndOffset DivergingEpoch { get; set; } = new();

        public LeaderIdAndEpoch CurrentLeader { get; set; } = new();

        public SnapshotId SnapshotId { get; set; } = new();

        public AbortedTransaction[]? AbortedTransactions { get; set; } = [];

        public int PreferredReadReplica { get; set; } = -1;

        public ReadOnlyMemory<byte> Records { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            HighWatermark = visitor.Int64("HighWatermark", HighWatermark);
            LastStableOffset = visitor.Int64("LastStableOffset", LastStableOffset);

            if (version >= 5)
            {
                LogStartOffset = visitor.Int64("LogStartOffset", LogStartOffset);
            }

            AbortedTransactions = visitor.NullableArray("AbortedTransactions", AbortedTransactions, version);

            if (version >= 11)
            {
                PreferredReadReplica = visitor.Int32("PreferredReadReplica", PreferredReadReplica);
            }

            Records = visitor.Records("Records", Records);
            visitor.EndStruct(this, version);
        }

        public uint TagsKnown(short version) =>
            (version >= 12 ? 1u << 0 : 0)
            | (version >= 12 ? 1u << 1 : 0)
            | (version >= 12 ? 1u << 2 : 0);

        public uint TagsSet(short version) =>
            (version >= 12 && (DivergingEpoch.Epoch != -1 || DivergingEpoch.EndOffset != -1) ? 1u << 0 : 0)
            | (version >= 12 && (CurrentLeader.LeaderId != -1 || CurrentLeader.LeaderEpoch != -1) ? 1u << 1 : 0)
            | (version >= 12 && (SnapshotId.EndOffset != -1 || SnapshotId.Epoch != -1) ? 1u << 2 : 0);

        public void VisitTag<TVisitor>(ref TVisitor visitor, short version, int tag)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            switch (tag)
            {
                case 0:
                    DivergingEpoch = visitor.Struct("DivergingEpoch", DivergingEpoch, version);
                    break;
                case 1:
                    CurrentLeader = visitor.Struct("CurrentLeader", CurrentLeader, version);
                    break;
                case 2:
                    SnapshotId = visitor.Struct("SnapshotId", SnapshotId, version);
                    break;
            }
        }
    }

    public sealed class EpochEndOffset : IMessage
    {
        public int Epoch { get; set; } = -1;

        public long EndOffset { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Epoch = visitor.Int32("Epoch", Epoch);
            EndOffset = visitor.Int64("EndOffset", EndOffset);
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

    public sealed class SnapshotId : IMessage
    {
        public long EndOffset { get; set; } = -1;

        public int Epoch { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            EndOffset = visitor.Int64("EndOffset", EndOffset);
            Epoch = visitor.Int32("Epoch", Epoch);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class AbortedTransaction : IMessage
    {
        public long ProducerId { get; set; }

        public long FirstOffset { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            FirstOffset = visitor.Int64("FirstOffset", FirstOffset);
            visitor.EndStruct(this, version);
        }
    }
}
