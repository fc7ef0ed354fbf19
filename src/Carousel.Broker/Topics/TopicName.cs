namespace Carousel.Broker.Topics;

/// <summary>Kafka's rules for the names of topics (its class Topic).</summary>
internal static class TopicName
{
    public const string ConsumerOffsets = "__consumer_offsets";

    public const string TransactionState = "__transaction_state";

    /// <summary>Where the catalog keeps topics and configs. No client sees it.</summary>
    public const string Metadata = "__carousel_meta";

    private const string KafkaMetadata = "__cluster_metadata";
    private const int LengthMax = 249;

    /// <summary>Why no topic may have this name; null when one may.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0)
        {
            return "Topic name is invalid: the empty string is not allowed";
        }

        if (name is "." or "..")
        {
            return $"Topic name is invalid: '{name}' is not allowed";
        }

        if (name.Length > LengthMax)
        {
            return $"Topic name is invalid: the length of '{name}' is longer than the max allowed length {LengthMax}";
        }

        return name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
            ? null
            : $"Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
    }

    /// <summary>Names that only the broker itself may use.</summary>
    public static bool IsReserved(string name) => name is Metadata or KafkaMetadata;

    /// <summary>Topics that the broker keeps for its coordinators.</summary>
    public static bool IsInternal(string name) => name is ConsumerOffsets or TransactionState;

    /// <summary>Two names that are the same to Kafka's metrics, which write dots as underscores, are refused.</summary>
    public static string WithoutDots(string name) => name.Replace('.', '_');
}
