using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>What is said to one broker and what it answers, written down. The same is said to the other, and the two records are laid side by side.</summary>
internal sealed class Dialogue(int port, IReadOnlyDictionary<ApiKey, (short Min, short Max)> versions) : IAsyncDisposable
{
    private readonly Dictionary<string, string> _names = [];
    private readonly List<string> _lines = [];

    /// <summary>What Kafka says of a topic or coordinator that it has only just made; every client asks again.</summary>
    private static readonly string[] Passing =
    [
        nameof(ErrorCode.NotLeaderOrFollower), nameof(ErrorCode.NotCoordinator), nameof(ErrorCode.CoordinatorNotAvailable), nameof(ErrorCode.CoordinatorLoadInProgress),
        nameof(ErrorCode.ConcurrentTransactions),
    ];

    private BrokerConnection? _connection;

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The versions to try of an API: all that the embedded broker tells of and these messages speak.</summary>
    public IEnumerable<short> Versions<TRequest>(short from = 0)
        where TRequest : IRequest
    {
        Api api = TRequest.Api;
        (short min, short max) = versions.TryGetValue(api.Key, out (short Min, short Max) told) ? told : ((short)1, (short)0);
        for (short version = Math.Max(from, Math.Max(min, api.VersionMin)); version <= Math.Min(max, api.VersionMax); version++)
        {
            yield return version;
        }
    }

    /// <summary>The newest version of <see cref="Versions"/>, capped.</summary>
    public short Newest<TRequest>(short atMost = short.MaxValue)
        where TRequest : IRequest => Versions<TRequest>().Last(version => version <= atMost);

    /// <summary>Sends the request, writes down the fields of the response, and returns it.</summary>
    /// <param name="about">What the request is about, to find it in the record.</param>
    public async Task<TResponse> AskAsync<TRequest, TResponse>(string about, short version, TRequest request)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new()
    {
        string title = $"{TRequest.Api.Key} v{version}: {about}";
        (TResponse? response, IReadOnlyList<string> fields) = await Eventually.TrueAsync(
            $"{title} is answered", AskOnceAsync, answer => answer.Fields.Count == 0 || !answer.Fields.Any(IsPassing), TimeSpan.FromSeconds(120));
        if (response is null)
        {
            Note($"{title}: the connection was closed");
            await DisposeAsync();
            return new TResponse();
        }

        Note(title);
        _lines.AddRange(fields.Select(line => "  " + line));
        return response;

        async Task<(TResponse? Response, IReadOnlyList<string> Fields)> AskOnceAsync()
        {
            _connection ??= await BrokerConnection.OpenAsync(port);
            TResponse? answer = await _connection.SendAsync<TRequest, TResponse>(request, version);
            return (answer, answer is null ? [] : FieldListing.Of(answer, version, _names));
        }
    }

    /// <summary>The same, without writing the answer down: where only what follows matters.</summary>
    public async Task<TResponse> DoAsync<TRequest, TResponse>(short version, TRequest request)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new()
    {
        _connection ??= await BrokerConnection.OpenAsync(port);
        return await _connection.SendAsync<TRequest, TResponse>(request, version) ?? throw new InvalidOperationException($"The broker closed the connection on {TRequest.Api.Key} v{version}.");
    }

    /// <summary>Creates a topic that all its partitions are led of.</summary>
    /// <returns>Its id.</returns>
    public async Task<Guid> CreateTopicAsync(string topic, int partitionCount = 1, params (string Name, string Value)[] configs)
    {
        await DoAsync<CreateTopicsRequest, CreateTopicsResponse>(5, new CreateTopicsRequest
        {
            Topics =
            [
                new()
                {
                    Name = topic, NumPartitions = partitionCount, ReplicationFactor = 1,
                    Configs = [.. configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value })],
                },
            ],
        });
        MetadataResponse metadata = await Eventually.TrueAsync(
            $"{topic} is led",
            () => DoAsync<MetadataRequest, MetadataResponse>(12, new MetadataRequest { Topics = [new() { Name = topic }] }),
            answer => answer.Topics.Single() is { ErrorCode: ErrorCode.None } led && led.Partitions.Length == partitionCount && led.Partitions.All(partition => partition.LeaderId >= 0),
            TimeSpan.FromSeconds(120));
        return metadata.Topics.Single().TopicId;
    }

    /// <summary>A second conversation with the same broker, in the same record.</summary>
    public async Task<BrokerConnection> OpenConnectionAsync() => await BrokerConnection.OpenAsync(port);

    public void Note(string line) => _lines.Add(line);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }
    }

    private static bool IsPassing(string field) => Passing.Any(error => field.EndsWith(" = " + error, StringComparison.Ordinal));
}
