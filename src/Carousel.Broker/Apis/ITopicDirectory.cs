namespace Carousel.Broker.Apis;

/// <summary>What the APIs of groups ask about topics: whether they exist, and what they are called.</summary>
internal interface ITopicDirectory
{
    KnownTopic? Find(string name);

    KnownTopic? Find(Guid id);
}

/// <param name="PartitionCount">Its partitions are numbered from 0 to one less.</param>
internal sealed record KnownTopic(string Name, Guid Id, int PartitionCount)
{
    public bool HasPartition(int partition) => partition >= 0 && partition < PartitionCount;
}
