using System.Globalization;

namespace Carousel.Broker;

/// <summary>A partition's name; its folder is <c>topic-partition</c>, as in Kafka.</summary>
internal readonly record struct TopicPartition(string Topic, int Partition)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic}-{Partition}");

    /// <summary>Reads a folder's name. False where it isn't a partition's.</summary>
    public static bool TryParse(string folder, out TopicPartition partition)
    {
        int dash = folder.LastIndexOf('-');
        bool isNumber = int.TryParse(folder.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        partition = dash > 0 && isNumber ? new(folder[..dash], number) : default;
        return dash > 0 && isNumber;
    }
}
