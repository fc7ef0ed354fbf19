namespace Carousel.Wire;

/// <summary>Tells the cluster's id, controller and brokers: versions 0 to 2.</summary>
public sealed class DescribeClusterRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DescribeCluster, VersionMin: 0, VersionMax: 2, FlexibleFrom: 0);

    public bool IncludeClusterAuthorizedOperations { get; set; }

    public sbyte EndpointType { get; set; } = 1;

    public bool IncludeFencedBrokers { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        IncludeClusterAuthorizedOperations = visitor.Boolean("IncludeClusterAuthorizedOperations", IncludeClusterAuthorizedOperations);

        if (version >= 1)
        {
            EndpointType = visitor.Int8("EndpointType", EndpointType);
        }

        if (version >= 2)
        {
            IncludeFencedBrokers = visitor.Boolean("IncludeFencedBrokers", IncludeFencedBrokers);
        }

        visitor.EndStruct(this, version);
    }
}

/// <inheritdoc cref="DescribeClusterRequest"/>
public sealed class DescribeClusterResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public ErrorCode ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public sbyte EndpointType { get; set; } = 1;

    public string ClusterId { get; set; } = "";

    public int ControllerId { get; set; } = -1;

    public DescribeClusterBroker[] Brokers { get; set; } = [];

    public int ClusterAuthorizedOperations { get; set; } = int.MinValue;

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);
        ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);

        if (version >= 1)
        {
            EndpointType = visitor.Int8("EndpointType", EndpointType);
        }

        ClusterId = visitor.String("ClusterId", ClusterId);
        ControllerId = visitor.Int32("ControllerId", ControllerId);
        Brokers = visitor.Array("Brokers", Brokers, version);
        ClusterAuthorizedOperations = visitor.Int32("ClusterAuthorizedOperations", ClusterAuthorizedOperations);
        visitor.EndStruct(this, version);
    }

    public sealed class DescribeClusterBroker : IMessage
    {
        public int BrokerId { get; set; }

        public string Host { get; set; } = "";

        public int Port { get; set; }

        public string? Rack { get; set; }

        public bool IsFenced { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            BrokerId = visitor.Int32("BrokerId", BrokerId);
            Host = visitor.String("Host", Host);
            Port = visitor.Int32("Port", Port);
            Rack = visitor.NullableString("Rack", Rack);

            if (version >= 2)
            {
                IsFenced = visitor.Boolean("IsFenced", IsFenced);
            }

            visitor.EndStruct(this, version);
        }
    }
}
