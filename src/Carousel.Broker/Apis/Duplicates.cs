namespace Carousel.Broker.Apis;

/// <summary>What a request names more than once, which Kafka refuses for many APIs.</summary>
internal static class Duplicates
{
    public static HashSet<T> Of<T>(IEnumerable<T> names)
    {
        var seen = new HashSet<T>();
        return [.. names.Where(name => !seen.Add(name))];
    }
}
