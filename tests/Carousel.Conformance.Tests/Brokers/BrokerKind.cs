namespace Carousel.Conformance.Tests.Brokers;

/// <summary>The brokers that the suite runs on.</summary>
public enum BrokerKind
{
    /// <summary>Carousel's own, as the built command runs it.</summary>
    Embedded,

    /// <summary>Apache Kafka, which decides what is right.</summary>
    Kafka,
}
