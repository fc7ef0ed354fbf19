using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Topics;

/// <summary>What the catalog of topics tells the log.</summary>
internal sealed partial class CatalogEvents(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(EventId = 7301, Level = LogLevel.Warning, Message = "Removes what was left of partition {Partition}: {Reason} when the broker ended")]
    public partial void RemovesLeftover(TopicPartition partition, string reason);

    [LoggerMessage(
        EventId = 7302,
        Level = LogLevel.Warning,
        Message = "The folder {Partition} holds records of topic id {TopicId}, which the catalog doesn't know: it is left alone, and no client sees it")]
    public partial void LeavesUnknown(TopicPartition partition, Guid topicId);

    [LoggerMessage(EventId = 7303, Level = LogLevel.Warning, Message = "The folder of partition {Partition} is missing: the partition starts empty")]
    public partial void RestoresMissing(TopicPartition partition);

    [LoggerMessage(EventId = 7304, Level = LogLevel.Error, Message = "Topic {Topic} can't be made")]
    public partial void NotMade(string topic, Exception e);

    [LoggerMessage(EventId = 7305, Level = LogLevel.Error, Message = "Not all partitions of the deleted topic {Topic} could be removed: the next start does it")]
    public partial void NotRemoved(string topic, Exception e);

    [LoggerMessage(EventId = 7306, Level = LogLevel.Warning, Message = "The last record of {Count} deleted topics could not be written, and the next start does it: {Reason}")]
    public partial void NotForgotten(int count, string reason);
}
