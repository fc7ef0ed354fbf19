using Xunit.v3;

namespace Carousel.Testing;

/// <summary>
/// Tests that talk to a broker. They run on the embedded one, and once more on Apache Kafka where it is at hand: <c>--filter-trait broker=every</c> with
/// <c>CAROUSEL_TEST_BROKER=kafka</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OnEveryBrokerAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("broker", "every")];
}
