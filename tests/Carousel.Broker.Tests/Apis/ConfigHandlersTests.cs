using Carousel.Broker.Apis;
using Carousel.Broker.Tests.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>DescribeConfigs, AlterConfigs and IncrementalAlterConfigs.</summary>
public sealed class ConfigHandlersTests : CatalogTest
{
    private const sbyte Topic = 2;
    private const sbyte Broker = 4;

    [Fact]
    public async Task A_topic_shows_all_its_configs_with_their_sources()
    {
        await using CatalogHost host = await OpenAsync(configs: ("log.segment.bytes", "134217728"));
        await host.CreateAsync("a", 1, ("retention.ms", "5000"));
        DescribeConfigsResponse.DescribeConfigsResult result = await DescribeAsync(host, Topic, "a", synonyms: true, documentation: true);
        Assert.Equal((ErrorCode.None, null, 33), (result.ErrorCode, result.ErrorMessage, result.Configs.Length));

        DescribeConfigsResponse.DescribeConfigsResourceResult retention = Config(result, "retention.ms");
        Assert.Equal(("5000", (sbyte)1, (sbyte)5, false, false), (retention.Value, retention.ConfigSource, retention.ConfigType, retention.ReadOnly, retention.IsSensitive));
        Assert.Equal([("retention.ms", "5000", (sbyte)1)], retention.Synonyms.Select(synonym => (synonym.Name, synonym.Value, synonym.Source)));
        Assert.NotEmpty(retention.Documentation!);

        DescribeConfigsResponse.DescribeConfigsResourceResult segment = Config(result, "segment.bytes");
        Assert.Equal(("134217728", (sbyte)4, (sbyte)3), (segment.Value, segment.ConfigSource, segment.ConfigType));
        Assert.Equal(
            [("log.segment.bytes", "134217728", (sbyte)4), ("log.segment.bytes", "1073741824", (sbyte)5)],
            segment.Synonyms.Select(synonym => (synonym.Name, synonym.Value, synonym.Source)));
        Assert.Equal(("delete", (sbyte)5, (sbyte)7), (Config(result, "cleanup.policy").Value, Config(result, "cleanup.policy").ConfigSource, Config(result, "cleanup.policy").ConfigType));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Only_what_was_asked_for_is_shown(short version)
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        var request = new DescribeConfigsRequest { Resources = [new() { ResourceType = Topic, ResourceName = "a", ConfigurationKeys = ["retention.ms", "nonsense"] }] };
        DescribeConfigsResponse.DescribeConfigsResourceResult config =
            Assert.Single(Assert.Single((await new DescribeConfigsHandler(host.Catalog).CallAsync(request, version)).Results).Configs);
        Assert.Equal(("retention.ms", "604800000"), (config.Name, config.Value));
        Assert.Empty(config.Synonyms);
        Assert.True(version < 3 || config.Documentation is null);
    }

    [Fact]
    public async Task The_broker_shows_what_it_was_started_with_and_what_was_changed()
    {
        await using CatalogHost host = await OpenAsync(configs: ("num.partitions", "12"));
        Assert.Null(await IncrementAsync(host, Broker, "", ("log.retention.ms", 0, "700000")));
        Assert.Null(await IncrementAsync(host, Broker, "1", ("log.retention.ms", 0, "800000"), ("custom.thing", 0, "secret")));

        DescribeConfigsResponse.DescribeConfigsResult broker = await DescribeAsync(host, Broker, "1", synonyms: true);
        Assert.Equal(321, broker.Configs.Length);
        Assert.Equal(("12", (sbyte)4, true), (Config(broker, "num.partitions").Value, Config(broker, "num.partitions").ConfigSource, Config(broker, "num.partitions").ReadOnly));
        Assert.Equal(
            [("800000", (sbyte)2), ("700000", (sbyte)3)], Config(broker, "log.retention.ms").Synonyms.Select(synonym => (synonym.Value, synonym.Source)));
        Assert.Equal((null, true), (Config(broker, "custom.thing").Value, Config(broker, "custom.thing").IsSensitive));

        DescribeConfigsResponse.DescribeConfigsResult all = await DescribeAsync(host, Broker, "");
        Assert.Equal([("log.retention.ms", "700000", (sbyte)3)], all.Configs.Select(config => (config.Name, config.Value, config.ConfigSource)));
    }

    [Theory]
    [InlineData(Topic, "nobody", ErrorCode.UnknownTopicOrPartition)]
    [InlineData(Topic, "a b", ErrorCode.InvalidTopic)]
    [InlineData(Broker, "2", ErrorCode.InvalidRequest)]
    [InlineData(Broker, "x", ErrorCode.InvalidRequest)]
    [InlineData(32, "g", ErrorCode.InvalidRequest)]
    public async Task A_resource_that_isnt_there_is_told_apart_from_those_that_are(sbyte type, string name, ErrorCode error)
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        var request = new DescribeConfigsRequest { Resources = [new() { ResourceType = type, ResourceName = name, ConfigurationKeys = null }, new() { ResourceType = Topic, ResourceName = "a", ConfigurationKeys = null }] };
        DescribeConfigsResponse answer = await new DescribeConfigsHandler(host.Catalog).CallAsync(request);
        Assert.Equal([error, ErrorCode.None], answer.Results.Select(result => result.ErrorCode));
        Assert.NotNull(await IncrementAsync(host, type, name, ("retention.ms", 0, "1")));
    }

    [Fact]
    public async Task Single_configs_are_set_deleted_appended_and_subtracted()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        Assert.Null(await IncrementAsync(host, Topic, "a", ("retention.ms", 0, "5000"), ("cleanup.policy", 2, "compact")));
        Assert.Equal(("5000", "delete,compact"), await OwnAsync(host));
        Assert.Null(await IncrementAsync(host, Topic, "a", ("retention.ms", 1, null), ("cleanup.policy", 3, "delete")));
        Assert.Equal(("604800000", "compact"), await OwnAsync(host));
    }

    [Fact]
    public async Task Nothing_is_changed_where_one_change_is_wrong_or_all_were_only_to_be_checked()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        Assert.Equal(
            (ErrorCode.InvalidConfig, "Invalid value soon for configuration retention.ms: Not a number of type LONG"),
            await IncrementAsync(host, Topic, "a", ("cleanup.policy", 0, "compact"), ("retention.ms", 0, "soon")));
        Assert.Null(await IncrementAsync(host, Topic, "a", validateOnly: true, ("cleanup.policy", 0, "compact")));
        Assert.Equal((ErrorCode.InvalidRequest, "Default topic resources are not allowed."), await IncrementAsync(host, Topic, "", ("retention.ms", 0, "1")));
        Assert.Equal(("604800000", "delete"), await OwnAsync(host));
    }

    [Fact]
    public async Task Altering_as_it_was_once_done_replaces_everything()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a", 1, ("retention.ms", "5000"));
        var request = new AlterConfigsRequest { Resources = [new() { ResourceType = Topic, ResourceName = "a", Configs = [new() { Name = "cleanup.policy", Value = "compact" }] }] };
        AlterConfigsResponse answer = await new AlterConfigsHandler(host.Catalog).CallAsync(request, version: 0);
        Assert.Equal(ErrorCode.None, Assert.Single(answer.Responses).ErrorCode);
        Assert.Equal(("604800000", "compact"), await OwnAsync(host));
    }

    [Fact]
    public async Task A_resource_twice_in_a_request_is_refused()
    {
        await using CatalogHost host = await OpenAsync();
        await host.CreateAsync("a");
        var resource = new AlterConfigsRequest.AlterConfigsResource { ResourceType = Topic, ResourceName = "a", Configs = [new() { Name = "cleanup.policy", Value = "compact" }] };
        AlterConfigsResponse answer = await new AlterConfigsHandler(host.Catalog).CallAsync(new AlterConfigsRequest { Resources = [resource, resource] });
        Assert.All(answer.Responses, response => Assert.Equal((ErrorCode.InvalidRequest, "Each resource must appear at most once."), (response.ErrorCode, response.ErrorMessage)));
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Config(DescribeConfigsResponse.DescribeConfigsResult result, string name) =>
        Assert.Single(result.Configs, config => config.Name == name);

    private static async Task<(string? Retention, string? Policy)> OwnAsync(CatalogHost host)
    {
        DescribeConfigsResponse.DescribeConfigsResult result = await DescribeAsync(host, Topic, "a");
        return (Config(result, "retention.ms").Value, Config(result, "cleanup.policy").Value);
    }

    private static async Task<DescribeConfigsResponse.DescribeConfigsResult> DescribeAsync(
        CatalogHost host, sbyte type, string name, bool synonyms = false, bool documentation = false)
    {
        var request = new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = type, ResourceName = name, ConfigurationKeys = null }], IncludeSynonyms = synonyms, IncludeDocumentation = documentation,
        };
        return Assert.Single((await new DescribeConfigsHandler(host.Catalog).CallAsync(request)).Results);
    }

    private static Task<(ErrorCode Error, string? Reason)?> IncrementAsync(CatalogHost host, sbyte type, string name, params (string Name, sbyte Operation, string? Value)[] changes) =>
        IncrementAsync(host, type, name, validateOnly: false, changes);

    /// <summary>Null when it was done.</summary>
    private static async Task<(ErrorCode Error, string? Reason)?> IncrementAsync(
        CatalogHost host, sbyte type, string name, bool validateOnly, params (string Name, sbyte Operation, string? Value)[] changes)
    {
        var request = new IncrementalAlterConfigsRequest
        {
            Resources = [new() { ResourceType = type, ResourceName = name, Configs = [.. changes.Select(change => new IncrementalAlterConfigsRequest.AlterableConfig
            {
                Name = change.Name, ConfigOperation = change.Operation, Value = change.Value,
            })] }],
            ValidateOnly = validateOnly,
        };
        IncrementalAlterConfigsResponse.AlterConfigsResourceResponse response =
            Assert.Single((await new IncrementalAlterConfigsHandler(host.Catalog).CallAsync(request)).Responses);
        return response.ErrorCode == ErrorCode.None ? null : (response.ErrorCode, response.ErrorMessage);
    }
}
