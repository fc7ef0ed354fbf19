using Carousel.Broker.Tests.Hosting;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Apis;

/// <summary>
/// What a broker answers to single requests, said once and asked of each broker there is: the embedded one, and Apache Kafka where one runs. So what is
/// written here is what Kafka does, and not what somebody remembers of it.
/// </summary>
public abstract class ApiContract : IAsyncLifetime
{
    private int _correlationId;

    internal TestClient Client { get; private set; } = null!;

    /// <summary>The broker's port on loopback.</summary>
    protected abstract Task<int> StartAsync();

    public async ValueTask InitializeAsync()
    {
        int port = await StartAsync();
        Client = await RunningBroker.ConnectAsync(port);
        Port = port;
    }

    private protected int Port { get; private set; }

    public ValueTask DisposeAsync()
    {
        Client?.Output.Complete();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new() => Client.AskAsync<TRequest, TResponse>(request, version, ++_correlationId);

    /// <summary>A new topic, and its id.</summary>
    internal async Task<(string Name, Guid Id)> CreateTopicAsync(int partitions = 1, params (string Name, string Value)[] configs)
    {
        string name = $"t-{Guid.NewGuid():N}";
        CreateTopicsResponse created = await AskAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new CreateTopicsRequest
            {
                Topics =
                [
                    new CreateTopicsRequest.CreatableTopic
                    {
                        Name = name,
                        NumPartitions = partitions,
                        ReplicationFactor = 1,
                        Configs = [.. configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value })],
                    },
                ],
            },
            7);
        Assert.Equal(ErrorCode.None, created.Topics.Single().ErrorCode);
        await Carousel.Testing.Eventually.TrueAsync(
            $"{name} has a leader", () => IsLedAsync(name, partitions), led => led, TestClient.Timeout);
        return (name, created.Topics[0].TopicId);
    }

    internal async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        string topic, byte[] records, int partition = 0, short acks = -1, short version = 11, string? transactionalId = null) =>
        (await AskAsync<ProduceRequest, ProduceResponse>(Produce(topic, records, partition, acks, transactionalId), version)).Responses.Single().PartitionResponses.Single();

    internal static ProduceRequest Produce(string topic, byte[] records, int partition = 0, short acks = -1, string? transactionalId = null, Guid topicId = default) => new()
    {
        TransactionalId = transactionalId,
        Acks = acks,
        TimeoutMs = 30_000,
        TopicData =
        [
            new ProduceRequest.TopicProduceData
            {
                Name = topic,
                TopicId = topicId,
                PartitionData = [new ProduceRequest.PartitionProduceData { Index = partition, Records = records }],
            },
        ],
    };

    internal async Task<FetchResponse.PartitionData> FetchAsync(string topic, long offset, Action<FetchRequest>? change = null, short version = 12)
    {
        FetchRequest request = Fetch(topic, offset);
        change?.Invoke(request);
        return (await AskAsync<FetchRequest, FetchResponse>(request, version)).Responses.Single().Partitions.Single();
    }

    internal static FetchRequest Fetch(string topic, long offset, Guid topicId = default) => new()
    {
        MaxWaitMs = 0,
        MinBytes = 1,
        MaxBytes = 50 << 20,
        Topics =
        [
            new FetchRequest.FetchTopic
            {
                Topic = topic,
                TopicId = topicId,
                Partitions = [new FetchRequest.FetchPartition { FetchOffset = offset, PartitionMaxBytes = 1 << 20 }],
            },
        ],
    };

    /// <summary>Metadata names a leader before the broker has become it.</summary>
    private async Task<bool> IsLedAsync(string topic, int partitions)
    {
        FetchRequest request = Fetch(topic, 0);
        request.Topics[0].Partitions = [.. Enumerable.Range(0, partitions).Select(partition => new FetchRequest.FetchPartition { Partition = partition, CurrentLeaderEpoch = 0 })];
        FetchResponse response = await AskAsync<FetchRequest, FetchResponse>(request, 12);
        return response.Responses.Single().Partitions.All(partition => partition.ErrorCode == ErrorCode.None);
    }
}
