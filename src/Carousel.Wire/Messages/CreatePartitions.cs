namespace Carousel.Wire;

/// <summary>Adds partitions to topics: versions 0 to 3.</summary>
public sealed class CreatePartitionsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.CreatePartitions, VersionMin: 0, VersionMax: 3, FlexibleFrom: 2);

    public CreatePartitionsTopic[] Topics { get; set; } = [];

    public int TimeoutMs { get; set; }

    public bool ValidateOnly { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Topics = visitor.Array("Topics", Topics, version);
        TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        ValidateOnly = visitor.Boolean("ValidateOnly", ValidateOnly);
        visitor.EndStruct(this, version);
    }

    public sealed class CreatePartitionsTopic : IMessage
    {
        public string Name { get; set; } = "";

        public int Count { get; set; }

        public CreatePartitionsAssignment[]? Assignments { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            Count = visitor.Int32("Count", Count);
            Assignments = visitor.NullableArray("Assignments", Assignments, version);
            visitor.EndStruct(this, version);
        }
    }

    public sealed class CreatePartitionsAssignment : IMessage
    {
        public int[] BrokerIds { get; set; } = [];

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            BrokerIds = visitor.Int32Array("BrokerIds", BrokerIds);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="CreatePartitionsRequest"/>
public sealed class CreatePartitionsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public CreatePartitionsTopicResult[] Results { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Results = visitor.Array("Results", Results, version);
        visitor.EndStruct(this, version);
    }

    public sealed class CreatePartitionsTopicResult : IMessage
    {
        public string Name { get; set; } = "";

        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.String("Name", Name);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            visitor.EndStruct(this, version);
        }
    }
}
