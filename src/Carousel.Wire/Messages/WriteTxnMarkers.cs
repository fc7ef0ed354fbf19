namespace Carousel.Wire;

/// <summary>Writes the markers that end a transaction in its partitions: versions 1 to 2.</summary>
public sealed class WriteTxnMarkersRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.WriteTxnMarkers, VersionMin: 1, VersionMax: 2, FlexibleFrom: 1);

    public WritableTxnMarker[] Markers { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Markers = visitor.Array("Markers", Markers, version);
        visitor.EndStruct(this, version);
    }

    public sealed class WritableTxnMarker : IMessage
    {
        public long ProducerId { get; set; }

        public short ProducerEpoch { get; set; }

        public bool TransactionResult { get; set; }

        public WritableTxnMarkerTopic[] Topics { get; set; } = [];

        public int CoordinatorEpoch { get; set; }

        public sbyte TransactionVersion { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            ProducerEpoch = visitor.Int16("ProducerEpoch", ProducerEpoch);
            TransactionResult = visitor.Boolean("TransactionResult", TransactionResult);
            Topics = visitor.Array("Topics", Topics, version);
            CoordinatorEpoch = visitor.Int32("CoordinatorEpoch", CoordinatorEpoch);

            if (version >= 2)
            {
                TransactionVersion = visitor.Int8("TransactionVersion", TransactionVersion);
            }

            visitor.EndStruct(this, version);
        }
    }

    public sealed class WritableTxnMarkerTopic : IMessage
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
}

/// <inheritdoc cref="WriteTxnMarkersRequest"/>
public sealed class WriteTxnMarkersResponse : IMessage
{
    public WritableTxnMarkerResult[] Markers { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Markers = visitor.Array("Markers", Markers, version);
        visitor.EndStruct(this, version);
    }

    public sealed class WritableTxnMarkerResult : IMessage
    {
        public long ProducerId { get; set; }

        public WritableTxnMarkerTopicResult[] Topics { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ProducerId = visitor.Int64("ProducerId", ProducerId);
            Topics = visitor.Array("Topics", Topics, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class WritableTxnMarkerTopicResult : IMessage
    {
        public string Name { get; set; } = "";

        public WritableTxnMarkerPartitionResult[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class WritableTxnMarkerPartitionResult : IMessage
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
