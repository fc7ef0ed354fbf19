using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Tells of topics in pages of partitions, in the order of the names (KIP-966; Kafka's KRaftMetadataCache.describeTopicResponse).</summary>
internal sealed class DescribeTopicPartitionsHandler(TopicCatalog topics) : ApiHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    /// <summary>Kafka's max.request.partition.size.limit.</summary>
    private const int PageMax = 2000;

    protected override ValueTask<DescribeTopicPartitionsResponse?> HandleAsync(DescribeTopicPartitionsRequest request, RequestContext context)
    {
        DescribeTopicPartitionsRequest.CursorValue? cursor = request.Cursor;
        if (cursor is { PartitionIndex: < 0 })
        {
            return ValueTask.FromResult<DescribeTopicPartitionsResponse?>(new DescribeTopicPartitionsResponse
            {
                Topics = [.. request.Topics.Select(topic => Missing(topic.Name, ErrorCode.InvalidRequest))],
            });
        }

        IEnumerable<string> names = request.Topics.Length > 0
            ? request.Topics.Select(topic => topic.Name).Distinct().Order(StringComparer.Ordinal)
            : topics.All.Select(topic => topic.Name);
        var page = new Page(topics, Math.Clamp(request.ResponsePartitionLimit, 1, PageMax));
        foreach (string name in names.Where(name => cursor is null || string.CompareOrdinal(name, cursor.TopicName) >= 0))
        {
            if (!page.TryAdd(name, cursor?.TopicName == name ? cursor.PartitionIndex : 0))
            {
                break;
            }
        }

        return ValueTask.FromResult<DescribeTopicPartitionsResponse?>(page.ToResponse());
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Missing(string name, ErrorCode error) =>
        new() { Name = name, ErrorCode = error, TopicAuthorizedOperations = AuthorizedOperations.Topic };

    /// <summary>One answer, filled until it has as many partitions as it may have.</summary>
    private sealed class Page(TopicCatalog topics, int partitionsMax)
    {
        private readonly List<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic> _topics = [];
        private DescribeTopicPartitionsResponse.Cursor? _next;
        private int _left = partitionsMax;

        public DescribeTopicPartitionsResponse ToResponse() => new() { Topics = [.. _topics], NextCursor = _next };

        /// <summary>False once the page is full: the next begins where the cursor says.</summary>
        public bool TryAdd(string name, int firstPartition)
        {
            if (_left == 0)
            {
                _next = new DescribeTopicPartitionsResponse.Cursor { TopicName = name, PartitionIndex = 0 };
                return false;
            }

            if (topics.Find(name) is not { } topic)
            {
                _topics.Add(Missing(name, TopicName.Problem(name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopic));
                return true;
            }

            int count = Math.Clamp(topic.Partitions.Count - firstPartition, 0, _left);
            _topics.Add(Describe(topic, firstPartition, count));
            _left -= count;
            int next = firstPartition + count;
            if (count > 0 && next < topic.Partitions.Count)
            {
                _next = new DescribeTopicPartitionsResponse.Cursor { TopicName = name, PartitionIndex = next };
                return false;
            }

            return true;
        }

        private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Describe(Topic topic, int first, int count) => new()
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = topic.IsInternal,
            TopicAuthorizedOperations = AuthorizedOperations.Topic,
            Partitions = [.. topic.Partitions.Skip(first).Take(count).Select((partition, index) => Describe(partition, first + index))],
        };

        private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition Describe(Partition partition, int number) => new()
        {
            PartitionIndex = number,
            LeaderId = TopicCatalogOptions.NodeId,
            LeaderEpoch = Partition.LeaderEpoch,
            ReplicaNodes = [TopicCatalogOptions.NodeId],
            IsrNodes = [TopicCatalogOptions.NodeId],
            EligibleLeaderReplicas = [],
            LastKnownElr = [],
            OfflineReplicas = partition.Fault is null ? [] : [TopicCatalogOptions.NodeId],
        };
    }
}
