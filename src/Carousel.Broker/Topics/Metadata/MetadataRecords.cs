using Carousel.Wire;

namespace Carousel.Broker.Topics.Metadata;

/// <summary>What a record of the catalog's log is about: the first two bytes of its key.</summary>
internal enum MetadataRecordType : short
{
    Topic = 0,
    BrokerConfigs = 1,
    ProducerIds = 2,
}

/// <summary>Whether a topic is there.</summary>
internal enum TopicState : sbyte
{
    Active = 0,

    /// <summary>Gone for clients, and its partitions on their way out; a tombstone follows once they are.</summary>
    Deleting = 1,
}

/// <summary>Key type 0: one topic.</summary>
internal sealed class TopicKey : IMessage
{
    public Guid TopicId { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        TopicId = visitor.Uuid("topic_id", TopicId);
        visitor.EndStruct(this, version);
    }
}

/// <summary>Key type 1: the configs of one broker, or of all.</summary>
internal sealed class BrokerConfigsKey : IMessage
{
    /// <summary>The broker's id in digits; empty for all brokers.</summary>
    public string Broker { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Broker = visitor.String("broker", Broker);
        visitor.EndStruct(this, version);
    }
}

/// <summary>Key type 2: the producer ids of the directory. There is but one.</summary>
internal sealed class ProducerIdsKey : IMessage
{
    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct => visitor.EndStruct(this, version);
}

/// <summary>Everything about a topic.</summary>
internal sealed class TopicValue : IMessage
{
    public string Name { get; set; } = "";

    public sbyte State { get; set; }

    public int PartitionCount { get; set; }

    public ConfigEntry[] Configs { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Name = visitor.String("name", Name);
        State = visitor.Int8("state", State);
        PartitionCount = visitor.Int32("partition_count", PartitionCount);
        Configs = visitor.Array("configs", Configs, version);
        visitor.EndStruct(this, version);
    }
}

/// <summary>What was set for a broker, or for all.</summary>
internal sealed class BrokerConfigsValue : IMessage
{
    public ConfigEntry[] Configs { get; set; } = [];

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Configs = visitor.Array("configs", Configs, version);
        visitor.EndStruct(this, version);
    }
}

/// <summary>Which producer ids were given out, or may have been.</summary>
internal sealed class ProducerIdsValue : IMessage
{
    /// <summary>The first that never was.</summary>
    public long NextProducerId { get; set; }

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        NextProducerId = visitor.Int64("next_producer_id", NextProducerId);
        visitor.EndStruct(this, version);
    }
}

/// <summary>A config that is set.</summary>
internal sealed class ConfigEntry : IMessage
{
    public string Name { get; set; } = "";

    public string Value { get; set; } = "";

    public void Visit<TVisitor>(ref TVisitor visitor, short version)
        where TVisitor : IFieldVisitor, allows ref struct
    {
        Name = visitor.String("name", Name);
        Value = visitor.String("value", Value);
        visitor.EndStruct(this, version);
    }
}
