using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Log.Kafka;
using Carousel.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Stages.Tests.Log;

[OnEveryBroker]
[Collection(KafkaCollection.Name)]
public sealed class KafkaStageLogContract : StageLogContract
{
    private readonly KafkaOptions _options = TestKafka.RequireOrSkip();

    public KafkaStageLogContract() => Log = new KafkaStageLog(_options, "contract", NullLogger.Instance);

    private protected override IStageLog Log { get; }

    protected override Task CreateTopicsAsync(int partitionCount, params string[] topics) => TestKafka.CreateTopicsAsync(_options, partitionCount, topics);
}

/// <summary>Tests on a broker run one after another: together they would only wait for each other.</summary>
[CollectionDefinition(Name)]
public sealed class KafkaCollection
{
    public const string Name = "Kafka";
}
