namespace Carousel.Kafka.Tests;

/// <summary>The Kafka that tests may use: CAROUSEL_TEST_KAFKA.</summary>
internal static class TestKafka
{
    public const string Variable = "CAROUSEL_TEST_KAFKA";

    public static KafkaOptions Options()
    {
        string? servers = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(string.IsNullOrEmpty(servers), $"Set {Variable}=host:port to a Kafka whose topics may be littered, for instance one started on loopback.");
        return new KafkaOptions { BootstrapServers = servers! };
    }

    public static string NewPrefix() => $"test-{Guid.NewGuid():N}-";
}
