using Carousel.Wire;

namespace Carousel.Broker.Groups;

/// <summary>
/// What a consumer says of itself when it joins, of which the broker reads only what every version begins with (Kafka's <c>ConsumerProtocol</c>):
/// <c>version INT16 topics [STRING]</c>.
/// </summary>
internal static class ConsumerSubscription
{
    /// <summary>Adds the topics that the member subscribes to. False where the bytes are something else; what was added until then stays.</summary>
    public static bool TryReadTopics(ReadOnlyMemory<byte> metadata, ISet<string> topics)
    {
        try
        {
            var reader = new WireReader(metadata, isFlexible: false);
            _ = reader.Int16("version", 0);
            topics.UnionWith(reader.StringArray("topics", []));
            return true;
        }
        catch (WireFormatException)
        {
            // Any client may call itself a consumer, and its metadata is between its members: a group without known topics works as well.
            return false;
        }
    }
}
