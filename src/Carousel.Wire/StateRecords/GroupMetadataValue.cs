namespace Carousel.Wire;

/// <summary>A group's generation, members and assignment in __consumer_offsets: versions 0 to 4, flexible from 4.</summary>
public sealed class GroupMetadataValue : IMessage
{
    public string ProtocolType { get; set; } = "";

    public int Generation { get; set; }

    public string? Protocol { get; set; } = "";

    public string? Leader { get; set; } = "";

    public long CurrentStateTimestamp { get; set; } = -1;

    public MemberMetadata[] Members { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ProtocolType = visitor.String("protocolType", ProtocolType);
        Generation = visitor.Int32("generation", Generation);
        Protocol = visitor.NullableString("protocol", Protocol);
        Leader = visitor.NullableString("leader", Leader);

        if (version >= 2)
        {
            CurrentStateTimestamp = visitor.Int64("currentStateTimestamp", CurrentStateTimestamp);
        }

        Members = visitor.Array("members", Members, version);
        visitor.EndStruct(this, version);
    }

    public sealed class MemberMetadata : IMessage
    {
        public string MemberId { get; set; } = "";

        public string? GroupInstanceId { get; set; }

        public string ClientId { get; set; } = "";

        public string ClientHost { get; set; } = "";

        public int RebalanceTimeout { get; set; } = -1;

        public int SessionTimeout { get; set; }

        public ReadOnlyMemory<byte> Subscription { get; set; }

        public ReadOnlyMemory<byte> Assignment { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            MemberId = visitor.String("memberId", MemberId);

            if (version >= 3)
            {
                GroupInstanceId = visitor.NullableString("groupInstanceId", GroupInstanceId);
            }

            ClientId = visitor.String("clientId", ClientId);
            ClientHost = visitor.String("clientHost", ClientHost);

            if (version >= 1)
            {
                RebalanceTimeout = visitor.Int32("rebalanceTimeout", RebalanceTimeout);
            }

            SessionTimeout = visitor.Int32("sessionTimeout", SessionTimeout);
            Subscription = visitor.Bytes("subscription", Subscription);
            Assignment = visitor.Bytes("assignment", Assignment);
            visitor.EndStruct(this, version);
        }
    }
}
