using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Topics;

public sealed class TopicCatalogTests : CatalogTest
{
    [Fact]
    public async Task A_new_directory_has_the_coordinators_topics_and_no_other()
    {
        await using CatalogHost host = await OpenAsync();
        Assert.Equal(["__consumer_offsets", "__transaction_state"], host.Catalog.All.Select(topic => topic.Name));
        Assert.All(host.Catalog.All, topic =>
        {
            Assert.True(topic.IsInternal);
            Assert.Equal(4, topic.Partitions.Count);
            Assert.All(topic.Partitions, partition => Assert.True(partition.Settings.IsCompacted));
        });
    }

    [Fact]
    public async Task A_topic_can_be_used_when_it_was_made_and_is_the_same_after_a_restart()
    {
        Guid id;
        await using (CatalogHost host = await OpenAsync())
        {
            Topic made = await host.CreateAsync("orders", 3, ("retention.ms", "5000"));
            Assert.All(made.Partitions, partition => Assert.Null(partition.Fault));
            Assert.NotEqual(Guid.Empty, id = made.Id);
        }

        await using CatalogHost again = await OpenAsync();
        Topic topic = again.Catalog.Find(id)!;
        Assert.Same(topic, again.Catalog.Find("orders"));
        Assert.Equal(["orders-0", "orders-1", "orders-2"], topic.Partitions.Select(partition => partition.Name.ToString()));
        Assert.All(topic.Partitions, partition => Assert.Equal((id, TimeSpan.FromSeconds(5)), (partition.TopicId, partition.Settings.RetentionAge)));
        Assert.Same(topic.Partitions[2], again.Catalog.FindPartition(new TopicPartition("orders", 2)));
        Assert.Null(again.Catalog.FindPartition(new TopicPartition("orders", 3)));
        Assert.Null(again.Catalog.FindPartition(new TopicPartition("orders", -1)));
    }

    [Fact]
    public async Task A_topic_that_was_deleted_and_made_anew_is_another_and_empty()
    {
        await using CatalogHost host = await OpenAsync();
        Topic first = await host.CreateAsync("orders");
        var gone = new List<Topic>();
        host.Catalog.OnTopicDeleted = topic =>
        {
            gone.Add(topic);
            return Task.CompletedTask;
        };
        Assert.Equal(CatalogResult.Done, await host.Catalog.DeleteAsync(first, CancellationToken.None));
        Assert.Equal([first], gone);
        Assert.Null(host.Catalog.Find("orders"));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await host.Catalog.DeleteAsync(first, CancellationToken.None)).Error);

        Topic second = await host.CreateAsync("orders");
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(0, second.Partitions[0].LogEndOffset);
    }

    [Fact]
    public async Task A_deleted_topic_is_gone_after_a_restart_with_its_folders()
    {
        await using (CatalogHost host = await OpenAsync())
        {
            await host.Catalog.DeleteAsync(await host.CreateAsync("orders", 2), CancellationToken.None);
        }

        await using CatalogHost again = await OpenAsync();
        Assert.Null(again.Catalog.Find("orders"));
        Assert.Empty(Folders());
    }

    [Fact]
    public async Task The_coordinators_topics_cant_be_deleted_nor_grow()
    {
        await using CatalogHost host = await OpenAsync();
        Topic offsets = host.Catalog.Find("__consumer_offsets")!;
        Assert.Equal(ErrorCode.InvalidRequest, (await host.Catalog.DeleteAsync(offsets, CancellationToken.None)).Error);
        Assert.Equal(ErrorCode.InvalidRequest, (await host.Catalog.AddPartitionsAsync(offsets, 9, null, validateOnly: false, CancellationToken.None)).Error);
        Assert.Equal(4, host.Catalog.Find("__consumer_offsets")!.Partitions.Count);
    }

    [Fact]
    public async Task A_topic_grows_for_good_and_never_shrinks()
    {
        await using (CatalogHost host = await OpenAsync())
        {
            Topic topic = await host.CreateAsync("orders", 2);
            Assert.Equal(CatalogResult.Done, await host.Catalog.AddPartitionsAsync(topic, 5, null, validateOnly: true, CancellationToken.None));
            Assert.Equal(2, host.Catalog.Find("orders")!.Partitions.Count);
            Assert.Equal(CatalogResult.Done, await host.Catalog.AddPartitionsAsync(topic, 5, null, validateOnly: false, CancellationToken.None));
            Assert.Equal(
                new CatalogResult(ErrorCode.InvalidPartitions, "The topic orders currently has 5 partition(s); 4 would not be an increase."),
                await host.Catalog.AddPartitionsAsync(topic, 4, null, validateOnly: false, CancellationToken.None));
        }

        await using CatalogHost again = await OpenAsync();
        Assert.Equal(5, again.Catalog.Find("orders")!.Partitions.Count);
    }

    [Fact]
    public async Task A_change_of_configs_reaches_the_partitions_at_once_and_lasts()
    {
        await using (CatalogHost host = await OpenAsync())
        {
            Topic topic = await host.CreateAsync("orders");
            await AlterAsync(host, topic, new ConfigChange("max.message.bytes", ConfigOperation.Set, "77"));
            Assert.Equal(77, topic.Partitions[0].Settings.MaxMessageBytes);
            await host.Catalog.AlterBrokerAsync(true, configs => ConfigEditor.EditBroker(configs, true, [new("log.retention.ms", ConfigOperation.Set, "9")]), false, default);
            Assert.Equal(TimeSpan.FromMilliseconds(9), topic.Partitions[0].Settings.RetentionAge);
        }

        await using CatalogHost again = await OpenAsync();
        Partition partition = again.Catalog.Find("orders")!.Partitions[0];
        Assert.Equal((77, TimeSpan.FromMilliseconds(9)), (partition.Settings.MaxMessageBytes, partition.Settings.RetentionAge));
        Assert.Equal("9", again.Catalog.BrokerConfigs.ClusterDefault.Find("log.retention.ms"));
    }

    [Fact]
    public async Task What_the_broker_was_started_with_counts_where_nothing_else_is_set()
    {
        await using CatalogHost host = await OpenAsync(configs: ("log.segment.bytes", "2000000"));
        Assert.Equal(2_000_000, (await host.CreateAsync("orders")).Partitions[0].Settings.SegmentBytes);
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_all_made()
    {
        await using CatalogHost host = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => host.CreateAsync($"t{number}")));
        IReadOnlyList<TopicCreation>[] twins = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.Catalog.CreateAsync([NewTopic.WithDefaults("twin")], false, default)));
        Assert.Single(twins, result => result[0].IsSuccess);
        Assert.Equal(7, twins.Count(result => result[0].Error == ErrorCode.TopicAlreadyExists));
        Assert.Equal(2 + 20 + 1, host.Catalog.All.Count);
    }

    [Fact]
    public async Task Producer_ids_are_reserved_for_good()
    {
        await using (CatalogHost host = await OpenAsync())
        {
            Assert.Equal(0, host.Catalog.ProducerIds.NextProducerId);
            Assert.Equal(ErrorCode.None, await host.Catalog.ProducerIds.ReserveAsync(1000));
            Assert.Equal(ErrorCode.None, await host.Catalog.ProducerIds.ReserveAsync(2000));
        }

        await using CatalogHost again = await OpenAsync();
        Assert.Equal(2000, again.Catalog.ProducerIds.NextProducerId);
    }

    [Fact]
    public async Task The_number_of_partitions_is_bounded()
    {
        await using CatalogHost host = await OpenAsync(new TopicCatalogOptions { PartitionsMax = 10 });
        await host.CreateAsync("orders", 2);
        IReadOnlyList<TopicCreation> results = await host.Catalog.CreateAsync([NewTopic.WithDefaults("more")], validateOnly: false, CancellationToken.None);
        Assert.Equal((ErrorCode.PolicyViolation, "There are 10 partitions, and 1 more would be over this broker's 10."), (results[0].Error, results[0].Reason));
        results = await host.Catalog.CreateAsync([new NewTopic("huge", 10_001, 1, [], [])], validateOnly: true, CancellationToken.None);
        Assert.Equal((ErrorCode.PolicyViolation, "Excessively large number of partitions per request."), (results[0].Error, results[0].Reason));
    }

    private static async Task AlterAsync(CatalogHost host, Topic topic, params ConfigChange[] changes) =>
        Assert.Equal(CatalogResult.Done, await host.Catalog.AlterAsync(topic, configs => ConfigEditor.EditTopic(configs, changes), validateOnly: false, CancellationToken.None));
}
