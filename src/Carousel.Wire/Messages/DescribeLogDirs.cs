namespace Carousel.Wire;

/// <summary>Tells the sizes of partitions on disk: versions 1 to 4.</summary>
public sealed class DescribeLogDirsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeLogDirs, VersionMin: 1, VersionMax: 4, FlexibleFrom: 2);

    public DescribableLogDirTopic[]? Topics { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = visitor.NullableArray("Topics", Topics, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribableLogDirTopic : IMessage
    {
        public string Topic { get; set; } = "";

        public int[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Topic = visitor.String("Topic", Topic);
            Partitions = visitor.Int32Array("Partitions", Partitions);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="DescribeLogDirsRequest"/>
public sealed class DescribeLogDirsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public DescribeLogDirsResult[] Results { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);

        if (version >= 3)
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        }

        Results = visitor.Array("Results", Results, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribeLogDirsResult : IMessage
    {
        public ErrorCode ErrorCode { get; set; }

        public string LogDir { get; set; } = "";

        public DescribeLogDirsTopic[] Topics { get; set; } = [];

        public long TotalBytes { get; set; } = -1;

        public long UsableBytes { get; set; } = -1;

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            LogDir = visitor.String("LogDir", LogDir);
            Topics = visitor.Array("Topics", Topics, version);

            if (version >= 4)
            {
                TotalBytes = visitor.Int64("TotalBytes", TotalBytes);
                UsableBytes = visitor.Int64("UsableBytes", UsableBytes);
            }

            visitor.EndStruct(this, version);
        }
    }

    public sealed class DescribeLogDirsTopic : IMessage
    {
        public string Name { get; set; } = "";

        public DescribeLogDirsPartition[] Partitions { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Partitions = visitor.Array("Partitions", Partitions, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class DescribeLogDirsPartition : IMessage
    {
        public int PartitionIndex { get; set; }

        public long PartitionSize { get; set; }

        public long OffsetLag { get; set; }

        public bool IsFutureKey { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            PartitionIndex = visitor.Int32("PartitionIndex", PartitionIndex);
            PartitionSize = visitor.Int64("PartitionSize", PartitionSize);
            OffsetLag = visitor.Int64("OffsetLag", OffsetLag);
            IsFutureKey = visitor.Boolean("IsFutureKey", IsFutureKey);
            visitor.EndStruct(this, version);
        }
    }
}
