namespace Carousel.Wire;

/// <summary>A group's generation, members and assignment in __consumer_offsets: versions 0 to 4, flexible from 4.</summary>
public sealed class GroupMetadataValue : IMessage
{
    public string protocolType { get; set; } = "";

    public int generation { get; set; }

    public string? protocol { get; set; } = "";

    public string? leader { get; set; } = "";

    public long currentStateTimestamp { get; set; } = -1;

    public MemberMetadata[] members { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        protocolType = visitor.String("protocolType", protocolType);
        generation = visitor.Int32("generation", generation);
        protocol = visitor.NullableString("protocol", protocol);
        leader = visitor.NullableString("leader", leader);

        if (version >= 2)
        {
            currentStateTimestamp = visitor.Int64("currentStateTimestamp", currentStateTimestamp);
        }

        members = visitor.Array("members", members, version);
        visitor.EndStruct(this, version);
    }

    public sealed class MemberMetadata : IMessage
    {
        public string memberId { get; set; } = "";

        public string? groupInstanceId { get; set; }

        public string clientId { get; set; } = "";

        public string clientHost { get; set; } = "";

        public int rebalanceTimeout { get; set; } = -1;

        public int sessionTimeout { get; set; }

        public ReadOnlyMemory<byte> subscription { get; set; }

        public ReadOnlyMemory<byte> assignment { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            memberId = visitor.String("memberId", memberId);

            if (version >= 3)
            {
                groupInstanceId = visitor.NullableString("groupInstanceId", groupInstanceId);
            }

            clientId = visitor.String("clientId", clientId);
            clientHost = visitor.String("clientHost", clientHost);

            if (version >= 1)
            {
                rebalanceTimeout = visitor.Int32("rebalanceTimeout", rebalanceTimeout);
            }

            sessionTimeout = visitor.Int32("sessionTimeout", sessionTimeout);
            subscription = visitor.Bytes("subscription", subscription);
            assignment = visitor.Bytes("assignment", assignment);
            visitor.EndStruct(this, version);
        }
    }
}
