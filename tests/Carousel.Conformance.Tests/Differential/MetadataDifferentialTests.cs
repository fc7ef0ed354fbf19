using System.Buffers.Binary;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>How brokers introduce themselves, and what they tell of topics and coordinators.</summary>
public sealed class MetadataDifferentialTests(SharedBrokers brokers) : DifferentialTest(brokers)
{
    [Fact]
    public async Task Every_version_that_is_told_exists_in_Kafka_and_none_begins_later()
    {
        IReadOnlyDictionary<ApiKey, (short Min, short Max)> kafka = await VersionsAsync(await Brokers.StartedAsync(BrokerKind.Kafka));
        IReadOnlyDictionary<ApiKey, (short Min, short Max)> embedded = await VersionsAsync(await Brokers.StartedAsync(BrokerKind.Embedded));
        Assert.All(embedded, told =>
        {
            Assert.True(kafka.TryGetValue(told.Key, out (short Min, short Max) known), $"Kafka doesn't tell of {told.Key}.");
            Assert.True(told.Value.Min == known.Min && told.Value.Max <= known.Max, $"{told.Key}: {told.Value} here, {known} in Kafka.");
        });

        // Clients that see these begin to push metrics (KIP-714).
        Assert.DoesNotContain((ApiKey)71, embedded.Keys);
    }

    [Fact]
    public Task ApiVersions_answers_every_version_and_refuses_what_it_must() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<ApiVersionsRequest>())
        {
            ApiVersionsResponse response = await dialogue.DoAsync<ApiVersionsRequest, ApiVersionsResponse>(
                version, new ApiVersionsRequest { ClientSoftwareName = "conformance", ClientSoftwareVersion = "1.0" });
            dialogue.Note($"ApiVersions v{version}: {response.ErrorCode}, Produce from {response.ApiKeys.Single(api => api.ApiKey == 0).MinVersion}");
        }

        foreach ((string name, string software) in new[] { ("", "1"), ("with space", "1"), ("ok", "-1"), ("ok", "") })
        {
            ApiVersionsResponse response = await dialogue.DoAsync<ApiVersionsRequest, ApiVersionsResponse>(
                3, new ApiVersionsRequest { ClientSoftwareName = name, ClientSoftwareVersion = software });
            dialogue.Note($"ApiVersions of '{name}' '{software}': {response.ErrorCode}, {response.ApiKeys.Length > 0}");
        }
    });

    [Fact]
    public Task A_version_of_the_future_is_answered_in_the_first_ones_words() => CompareAsync(async dialogue =>
    {
        await using BrokerConnection connection = await dialogue.OpenConnectionAsync();
        byte[] answer = (await connection.ExchangeAsync(18, 99, isFlexible: true, new byte[] { 2, (byte)'x', 2, (byte)'y', 0 }))!;

        // Correlation id, error 35, and an array with the one API that matters: key 18 and its versions (KIP-511).
        dialogue.Note($"error {BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(4))}, {BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(6))} API, key {BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(10))}");
        dialogue.Note($"from {BinaryPrimitives.ReadInt16BigEndian(answer.AsSpan(12))}, {answer.Length} bytes");
        ApiVersionsResponse? next = await connection.SendAsync<ApiVersionsRequest, ApiVersionsResponse>(new ApiVersionsRequest(), 0);
        dialogue.Note($"and then {next?.ErrorCode}");
    });

    [Theory]
    [InlineData(3, 99)]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    [InlineData(999, 0)]
    [InlineData(-5, 0)]
    public Task Other_unknown_versions_and_apis_end_the_connection(short apiKey, short version) => CompareAsync(async dialogue =>
    {
        await using BrokerConnection connection = await dialogue.OpenConnectionAsync();
        byte[]? answer = await connection.ExchangeAsync(apiKey, version, isFlexible: false, new byte[40]);
        dialogue.Note(answer is null ? "closed" : "answered");
    });

    [Fact]
    public Task Metadata_tells_of_topics_by_name_and_by_id() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "known";
        Guid id = await dialogue.CreateTopicAsync(topic, 2);
        foreach (short version in dialogue.Versions<MetadataRequest>())
        {
            await AskAsync("a known and an unknown topic", new() { Name = topic }, new() { Name = Prefix + "unknown" });
            await AskAsync("a name that can't be", new MetadataRequest.MetadataRequestTopic { Name = "not possible" });
            await AskAsync("the empty name", new MetadataRequest.MetadataRequestTopic { Name = "" });
            if (version >= 1)
            {
                await AskAsync("no topics");
            }

            if (version >= 12)
            {
                await AskAsync("by id", new() { Name = null, TopicId = id }, new() { Name = null, TopicId = Guid.Parse("11111111-2222-3333-4444-555555555555") });
            }

            Task AskAsync(string about, params MetadataRequest.MetadataRequestTopic[] topics) => dialogue.AskAsync<MetadataRequest, MetadataResponse>(
                about, version, new MetadataRequest { Topics = topics, AllowAutoTopicCreation = version < 4, IncludeTopicAuthorizedOperations = version >= 8, IncludeClusterAuthorizedOperations = version is >= 8 and <= 10 });
        }
    });

    [Fact]
    public Task Coordinators_are_found_for_groups_and_transactions() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<FindCoordinatorRequest>())
        {
            foreach (sbyte type in version == 0 ? (sbyte[])[0] : [0, 1])
            {
                foreach (string key in (string[])[Prefix + "any", ""])
                {
                    await dialogue.AskAsync<FindCoordinatorRequest, FindCoordinatorResponse>(
                        $"type {type}, key '{key}'", version, new FindCoordinatorRequest { Key = key, KeyType = type, CoordinatorKeys = [key] });
                }
            }
        }
    });

    [Fact]
    public Task The_cluster_describes_itself() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<DescribeClusterRequest>())
        {
            await dialogue.AskAsync<DescribeClusterRequest, DescribeClusterResponse>("all", version, new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true });
        }

        foreach (short version in dialogue.Versions<DescribeTopicPartitionsRequest>())
        {
            string topic = Prefix + "partitions";
            await dialogue.CreateTopicAsync(topic, 3);
            await dialogue.AskAsync<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(
                "a known and an unknown topic", version, new DescribeTopicPartitionsRequest { Topics = [new() { Name = topic }, new() { Name = Prefix + "unknown" }] });
            await dialogue.AskAsync<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(
                "two at a time", version, new DescribeTopicPartitionsRequest { Topics = [new() { Name = topic }], ResponsePartitionLimit = 2 });
        }
    });

    [Fact]
    public Task What_needs_authentication_or_access_control_says_that_there_is_none() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<DescribeAclsRequest>())
        {
            await dialogue.AskAsync<DescribeAclsRequest, DescribeAclsResponse>(
                "all", version, new DescribeAclsRequest { ResourceTypeFilter = 1, PatternTypeFilter = 1, Operation = 1, PermissionType = 1 });
        }

        foreach (short version in dialogue.Versions<SaslHandshakeRequest>())
        {
            await dialogue.AskAsync<SaslHandshakeRequest, SaslHandshakeResponse>("PLAIN", version, new SaslHandshakeRequest { Mechanism = "PLAIN" });
        }
    });
}
