using Carousel.Broker.Partitions;
using Carousel.Broker.Topics.Configs;
using Carousel.Broker.Topics.Metadata;
using Carousel.Wire;
using Microsoft.Extensions.Logging;

namespace Carousel.Broker.Topics;

/// <summary>
/// All topics with their ids, partitions and configs, and the broker's configs. Reading takes no lock; changes are made one after another, and each is
/// durable before it is answered and before anybody sees it. Invariant: a topic that can be found has all its partitions.
/// </summary>
internal sealed class TopicCatalog : IDisposable
{
    private readonly CatalogWriter _writer;
    private readonly TopicCatalogOptions _options;
    private readonly SemaphoreSlim _oneChange = new(1);
    private volatile CatalogState _state;
    private IReadOnlyList<Guid> _leftDeleting;

    private TopicCatalog(CatalogWriter writer, TopicCatalogOptions options, CatalogReconciliation found, ProducerIdReservations producerIds)
    {
        (_writer, _options, ProducerIds) = (writer, options, producerIds);
        (_state, _leftDeleting) = (found.State, found.Deleted);
    }

    /// <summary>Kept in the same log, because they too are the directory's and not a topic's.</summary>
    public ProducerIdReservations ProducerIds { get; }

    /// <summary>Told of each topic after it is gone, and awaited before its deletion is answered. Set before the first request.</summary>
    public Func<Topic, Task> OnTopicDeleted { get; set; } = static _ => Task.CompletedTask;

    /// <summary>In the order of their names; the broker's own two among them.</summary>
    public IReadOnlyList<Topic> All => _state.Topics;

    public BrokerConfigs BrokerConfigs => _state.BrokerConfigs;

    /// <summary>Whether a topic that a client asks for may be made.</summary>
    public bool CreatesTopicsOnDemand => _options.AutoCreateTopics;

    /// <summary>
    /// Reads the catalog, and makes its topics and the partitions agree: what a crash left half made or half deleted goes, and what is missing is made.
    /// Call it before <see cref="PartitionSet.RunAsync"/>, which would apply retention that isn't the topics' own; then <see cref="StartAsync"/>.
    /// </summary>
    /// <param name="staticConfigs">The broker's configs that differ from Kafka's defaults, by their names.</param>
    /// <exception cref="DataDirectoryException">The directory can't be understood, and nothing is done to the topics in it.</exception>
    public static TopicCatalog Open(
        PartitionSet partitions, TopicCatalogOptions options, ConfigOverrides staticConfigs, ILoggerFactory loggers, TimeProvider time)
    {
        var events = new CatalogEvents(loggers.CreateLogger<TopicCatalog>());
        MetadataLog log = MetadataLog.Open(partitions, time);
        BrokerConfigs configs = BrokerConfigs.Default with { Static = staticConfigs };
        CatalogReconciliation found = CatalogReconciliation.Make(partitions, log.ReadAll(), configs, events);
        var writer = new CatalogWriter(partitions, log, events);
        return new TopicCatalog(writer, options, found, new ProducerIdReservations(log, found.NextProducerId));
    }

    /// <summary>Makes what has to be there: the topics of the coordinators. Needs <see cref="PartitionSet.RunAsync"/>.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_leftDeleting.Count > 0)
        {
            await _writer.ForgetAsync(_leftDeleting);
            _leftDeleting = [];
        }

        NewTopic[] missing = [.. InternalTopics.All(_options).Where(topic => Find(topic.Name) is null)];
        foreach (TopicCreation made in await CreateAsync(missing, validateOnly: false, cancellationToken))
        {
            if (!made.IsSuccess)
            {
                throw new IOException($"The topics of the coordinators can't be made: {made.Error}, {made.Reason}");
            }
        }
    }

    public Topic? Find(string name) => _state.Find(name);

    public Topic? Find(Guid id) => _state.Find(id);

    public Partition? FindPartition(TopicPartition id) =>
        _state.Find(id.Topic) is { } topic && (uint)id.Partition < (uint)topic.Partitions.Count ? topic.Partitions[id.Partition] : null;

    /// <summary>Makes topics, which can be used on return. Each succeeds or fails by itself; the results are in the order of the topics.</summary>
    public async Task<IReadOnlyList<TopicCreation>> CreateAsync(IReadOnlyList<NewTopic> topics, bool validateOnly, CancellationToken cancellationToken)
    {
        TopicCreation[] results = [];
        await ChangeAsync(
            async state =>
            {
                results = TopicRules.Check(topics, state, _options);
                return new CatalogChange(CatalogResult.Done, validateOnly ? state : await _writer.CreateAsync(topics, results, state));
            },
            cancellationToken);
        return results;
    }

    /// <summary>Deletes a topic. Its records can't be read any more on return; their files go in the background.</summary>
    public async Task<CatalogResult> DeleteAsync(Topic topic, CancellationToken cancellationToken)
    {
        if (topic.IsInternal)
        {
            return new CatalogResult(ErrorCode.InvalidRequest, $"Topic {topic.Name} can't be deleted: the broker keeps its coordinators' state in it.");
        }

        CatalogResult result = await ChangeAsync(topic, _writer.DeleteAsync, cancellationToken);
        if (result.Error == ErrorCode.None)
        {
            await OnTopicDeleted(topic);
        }

        return result;
    }

    /// <summary>Adds partitions up to the count.</summary>
    /// <param name="assignments">The brokers of each new partition; null for the broker to choose.</param>
    public Task<CatalogResult> AddPartitionsAsync(
        Topic topic, int count, IReadOnlyList<IReadOnlyList<int>>? assignments, bool validateOnly, CancellationToken cancellationToken) =>
        ChangeAsync(
            topic,
            (current, state) =>
            {
                CatalogResult verdict = TopicRules.CheckGrowth(current, count, assignments, state, _options);
                return verdict.Error != ErrorCode.None || validateOnly
                    ? ValueTask.FromResult(new CatalogChange(verdict, state))
                    : _writer.GrowAsync(current, count, state);
            },
            cancellationToken);

    /// <summary>Changes a topic's configs; its partitions act on them on return.</summary>
    /// <param name="edit">Makes the new values from those that stand when it is the change's turn.</param>
    public Task<CatalogResult> AlterAsync(Topic topic, Func<TopicConfigs, ConfigEdit> edit, bool validateOnly, CancellationToken cancellationToken) =>
        ChangeAsync(
            topic,
            (current, state) =>
            {
                ConfigEdit edited = edit(current.Configs);
                return edited.Overrides is not { } own || validateOnly
                    ? ValueTask.FromResult(new CatalogChange(new CatalogResult(edited.Error, edited.Reason), state))
                    : _writer.AlterAsync(current, own, state);
            },
            cancellationToken);

    /// <summary>Changes the broker's configs; all topics act on them on return.</summary>
    /// <param name="isClusterDefault">For all brokers, rather than this one.</param>
    /// <param name="edit">As for a topic.</param>
    public Task<CatalogResult> AlterBrokerAsync(
        bool isClusterDefault, Func<BrokerConfigs, ConfigEdit> edit, bool validateOnly, CancellationToken cancellationToken) =>
        ChangeAsync(
            state =>
            {
                ConfigEdit edited = edit(state.BrokerConfigs);
                return edited.Overrides is not { } overrides || validateOnly
                    ? ValueTask.FromResult(new CatalogChange(new CatalogResult(edited.Error, edited.Reason), state))
                    : _writer.AlterBrokerAsync(isClusterDefault, overrides, state);
            },
            cancellationToken);

    public void Dispose() => _oneChange.Dispose();

    /// <summary>A change of a topic that may have been deleted, or made anew, since it was found.</summary>
    private Task<CatalogResult> ChangeAsync(Topic topic, Func<Topic, CatalogState, ValueTask<CatalogChange>> change, CancellationToken cancellationToken) =>
        ChangeAsync(
            state => state.Find(topic.Id) is { } current
                ? change(current, state)
                : ValueTask.FromResult(new CatalogChange(new CatalogResult(ErrorCode.UnknownTopicOrPartition, $"Topic {topic.Name} was deleted meanwhile."), state)),
            cancellationToken);

    /// <summary>One change at a time; once it has begun nobody can call it off.</summary>
    private async Task<CatalogResult> ChangeAsync(Func<CatalogState, ValueTask<CatalogChange>> change, CancellationToken cancellationToken)
    {
        await _oneChange.WaitAsync(cancellationToken);
        try
        {
            (CatalogResult result, _state) = await change(_state);
            return result;
        }
        finally
        {
            _oneChange.Release();
        }
    }
}
