namespace Carousel.Wire;

/// <summary>Tells which broker coordinates a group or a transactional id: versions 0 to 6.</summary>
public sealed class FindCoordinatorRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.FindCoordinator, VersionMin: 0, VersionMax: 6, FlexibleFrom: 3);

    public string Key { get; set; } = "";

    public sbyte KeyType { get; set; }

    public string[] CoordinatorKeys { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version <= 3)
        {
            Key = visitor.String("Key", Key);
        }

        if (version >= 1)
        {
            KeyType = visitor.Int8("KeyType", KeyType);
        }

        if (version >= 4)
        {
            CoordinatorKeys = visitor.StringArray("CoordinatorKeys", CoordinatorKeys);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="FindCoordinatorRequest"/>
public sealed class FindCoordinatorResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public string? ErrorMessage { get; set; } = "";

    public int NodeId { get; set; }

    public string Host { get; set; } = "";

    public int Port { get; set; }

    public Coordinator[] Coordinators { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 1)
        {
            ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        }

        if (version <= 3)
        {
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        }

        if (version is >= 1 and <= 3)
        {
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
        }

        if (version <= 3)
        {
            NodeId = visitor.Int32("NodeId", NodeId);
            Host = visitor.String("Host", Host);
            Port = visitor.Int32("Port", Port);
        }

        if (version >= 4)
        {
            Coordinators = visitor.Array("Coordinators", Coordinators, version);
        }

        visitor.EndStruct(this, version);
    }

    public sealed class Coordinator : IMessage
    {
        public string Key { get; set; } = "";

        public int NodeId { get; set; }

        public string Host { get; set; } = "";

        public int Port { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; } = "";

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Key = visitor.String("Key", Key);
            NodeId = visitor.Int32("NodeId", NodeId);
            Host = visitor.String("Host", Host);
            Port = visitor.Int32("Port", Port);
            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
            ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            visitor.EndStruct(this, version);
        }
    }
}
