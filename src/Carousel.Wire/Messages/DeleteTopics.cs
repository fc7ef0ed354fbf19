namespace Carousel.Wire;

/// <summary>Deletes topics, by name or id: versions 1 to 6.</summary>
public sealed class DeleteTopicsRequest : IRequest
{
    public static Api Api { get; } = new(ApiKey.DeleteTopics, VersionMin: 1, VersionMax: 6, FlexibleFrom: 4);

    public DeleteTopicState[] Topics { get; set; } = [];

    public string[] TopicNames { get; set; } = [];

    public int TimeoutMs { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        if (version >= 6)
        {
            Topics = visitor.Array("Topics", Topics, version);
        }

        if (version <= 5)
        {
            TopicNames = visitor.StringArray("TopicNames", TopicNames);
        }

        TimeoutMs = visitor.Int32("TimeoutMs", TimeoutMs);
        visitor.EndStruct(this, version);
    }

    public sealed class DeleteTopicState : IMessage
    {
        public string? Name { get; set; }

        public Guid TopicId { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = visitor.NullableString("Name", Name);
            TopicId = visitor.Uuid("TopicId", TopicId);
            visitor.EndStruct(this, version);
        }
    }
}

/// <inheritdoc cref="DeleteTopicsRequest"/>
public sealed class DeleteTopicsResponse : IMessage
{
    public int ThrottleTimeMs { get; set; }

    public DeletableTopicResult[] Responses { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        ThrottleTimeMs = visitor.Int32("ThrottleTimeMs", ThrottleTimeMs);
        Responses = visitor.Array("Responses", Responses, version);
        visitor.EndStruct(this, version);
    }

    public sealed class DeletableTopicResult : IMessage
    {
        public string? Name { get; set; } = "";

        public Guid TopicId { get; set; }

        public ErrorCode ErrorCode { get; set; }

        public string? ErrorMessage { get; set; }

        public void Visit<TVisitor>(ref TVisitor visitor, short version)
            where TVisitor : IFieldVisitor, allows ref struct
        {
            Name = version >= 6 ? visitor.NullableString("Name", Name) : visitor.String("Name", Name!);

            if (version >= 6)
            {
                TopicId = visitor.Uuid("TopicId", TopicId);
            }

            ErrorCode = (ErrorCode)visitor.Int16("ErrorCode", (short)ErrorCode);

            if (version >= 5)
            {
                ErrorMessage = visitor.NullableString("ErrorMessage", ErrorMessage);
            }

            visitor.EndStruct(this, version);
        }
    }
}
