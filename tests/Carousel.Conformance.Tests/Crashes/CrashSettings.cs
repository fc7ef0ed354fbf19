using Confluent.Kafka;

namespace Carousel.Conformance.Tests.Crashes;

/// <summary>Clients that notice soon that the broker is back: a death a second is no time for long backoffs.</summary>
internal static class CrashSettings
{
    public static void Configure(ClientConfig config)
    {
        config.ReconnectBackoffMs = 20;
        config.ReconnectBackoffMaxMs = 100;
        config.TopicMetadataRefreshFastIntervalMs = 50;
        config.Set("retry.backoff.ms", "20");

        // With no broker left librdkafka 2.16 begins anew with its bootstrap servers, and forgets the call that waited for a transaction coordinator.
        config.Set("metadata.recovery.strategy", "none");
    }
}
