using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>Tells how large partitions are, and how much room the disk has.</summary>
internal sealed class DescribeLogDirsHandler(TopicCatalog topics, ClusterNode node) : ApiHandler<DescribeLogDirsRequest, DescribeLogDirsResponse>
{
    protected override ValueTask<DescribeLogDirsResponse?> HandleAsync(DescribeLogDirsRequest request, RequestContext context)
    {
        var disk = new DriveInfo(node.LogDirectory);
        return ValueTask.FromResult<DescribeLogDirsResponse?>(new DescribeLogDirsResponse
        {
            Results =
            [
                new DescribeLogDirsResponse.DescribeLogDirsResult
                {
                    LogDir = node.LogDirectory,
                    Topics = [.. Asked(request).Where(topic => topic.Partitions.Length > 0)],
                    TotalBytes = disk.TotalSize,
                    UsableBytes = disk.AvailableFreeSpace,
                },
            ],
        });
    }

    private IEnumerable<DescribeLogDirsResponse.DescribeLogDirsTopic> Asked(DescribeLogDirsRequest request) => request.Topics is null
        ? topics.All.Select(topic => Describe(topic, Enumerable.Range(0, topic.Partitions.Count)))
        : request.Topics
            .Select(asked => (Topic: topics.Find(asked.Topic), asked.Partitions))
            .Where(asked => asked.Topic is not null)
            .Select(asked => Describe(asked.Topic!, asked.Partitions.Where(number => number >= 0 && number < asked.Topic!.Partitions.Count)));

    private static DescribeLogDirsResponse.DescribeLogDirsTopic Describe(Topic topic, IEnumerable<int> numbers) => new()
    {
        Name = topic.Name,
        Partitions = [.. numbers.Select(number => new DescribeLogDirsResponse.DescribeLogDirsPartition { PartitionIndex = number, PartitionSize = topic.Partitions[number].SizeBytes })],
    };
}
