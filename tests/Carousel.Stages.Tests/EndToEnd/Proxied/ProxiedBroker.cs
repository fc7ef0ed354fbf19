using System.Globalization;
using System.Text;
using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Log.Kafka;
using Carousel.Stages.Tests.Simulation;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Carousel.Testing.Proxies;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Stages.Tests.EndToEnd.Proxied;

/// <summary>A broker of the test's own behind a proxy, and stages that copy numbered records from <see cref="In"/> to <see cref="Out"/> through it.</summary>
internal sealed class ProxiedBroker : IAsyncDisposable
{
    private const int PartitionCount = 12;
    private const int KeyCount = 100;

    /// <summary>A transaction takes several requests, so that it can be met when it is written in part. The client's least.</summary>
    private const string RequestBytesMax = "1000";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly IBrokerUnderTest _broker;
    private readonly KafkaOptions _options;
    private readonly string _prefix;

    private ProxiedBroker(KafkaProxy proxy, IBrokerUnderTest broker, string prefix)
    {
        (Proxy, _broker, _prefix) = (proxy, broker, prefix);
        _options = new KafkaOptions { BootstrapServers = $"127.0.0.1:{proxy.Port}", Properties = { ["message.max.bytes"] = RequestBytesMax } };
        Log = new KafkaStageLog(_options, "copy", NullLogger.Instance);
    }

    public KafkaProxy Proxy { get; }

    /// <summary>The broker as a stage sees it.</summary>
    public KafkaStageLog Log { get; }

    public string In => _prefix + "in";

    public string Out => _prefix + "out";

    private string Progress => _prefix + "progress";

    /// <summary>Starts a broker, or skips the test where none is installed.</summary>
    public static async Task<ProxiedBroker> StartOrSkipAsync()
    {
        var proxy = new KafkaProxy();
        try
        {
            IBrokerUnderTest broker = await TestKafka.StartOwnOrSkipAsync(proxy.Port);
            proxy.TargetPort = broker.Port;
            return new ProxiedBroker(proxy, broker, "");
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Topics of their own on the same broker, with so many records in <see cref="In"/>.</summary>
    public async Task<ProxiedBroker> FeedAsync(string prefix, int recordCount)
    {
        var fed = new ProxiedBroker(Proxy, _broker, prefix);
        await TestKafka.CreateTopicsAsync(_options, PartitionCount, fed.In, fed.Out, fed.Progress);
        await using IStageProducer producer = await Log.OpenProducerAsync(prefix + "feeder", CancellationToken.None);
        await producer.BeginAsync();
        for (int i = 0; i < recordCount; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            producer.Send(new OutputRecord(fed.In, null, Encoding.UTF8.GetBytes($"key-{i % KeyCount}"), Encoding.UTF8.GetBytes(number), []));
        }

        await producer.FlushAsync();
        await producer.CommitAsync();
        return fed;
    }

    /// <summary>Runs one instance of the stage for each of the logs, until what is waited for has come.</summary>
    public async Task CopyAsync(IStageLog[] logs, TimeProvider time, int transactionRecordsMax, string what, Func<bool> hasCome)
    {
        using var stop = new CancellationTokenSource();
        Task run = Task.WhenAll(logs.Select((log, slot) => MakeStage(log, time, slot, transactionRecordsMax).RunAsync(stop.Token)));
        try
        {
            await Eventually.TrueAsync(what, hasCome, come => come || run.IsCompleted, Patience);
        }
        finally
        {
            await stop.CancelAsync();
            await run.WithinAsync("the stages have stopped", Patience);
        }
    }

    /// <summary>What a read_committed reader finds, partition after partition, in offset order.</summary>
    public IReadOnlyList<CopiedRecord> ReadOut() =>
    [
        .. TestKafka.ReadCommitted(_options, Out, PartitionCount).Select(record => new CopiedRecord(
            Encoding.UTF8.GetString(record.Message.Key!),
            int.Parse(Encoding.UTF8.GetString(record.Message.Value!), CultureInfo.InvariantCulture),
            record.Message.Headers is { } headers && headers.TryGetLastBytes(NumberedTransactions.Header, out byte[] number)
                ? int.Parse(Encoding.UTF8.GetString(number), CultureInfo.InvariantCulture)
                : null)),
    ];

    /// <summary>Each record once, and those of a key in the order in which they came in.</summary>
    public static void RequireOnceInOrder(IReadOnlyList<CopiedRecord> records, int recordCount)
    {
        Assert.Equal(Enumerable.Range(0, recordCount), records.Select(record => record.Number).Order());
        Assert.All(records.GroupBy(record => record.Key), key =>
            Assert.True(key.Select(record => record.Number).Order().SequenceEqual(key.Select(record => record.Number)), $"{key.Key}: {string.Join(",", key.Select(record => record.Number))}"));
    }

    public async ValueTask DisposeAsync()
    {
        Proxy.Traffic = null;
        await _broker.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    private Stage MakeStage(IStageLog log, TimeProvider time, int slot, int transactionRecordsMax) => new(
        new StageOptions
        {
            Name = "copy",
            Group = _prefix + "group",
            Topics = [In],
            Slot = slot.ToString(CultureInfo.InvariantCulture),
            ProgressTopic = Progress,
            TransactionRecordsMax = transactionRecordsMax,
            WindowRecordsMax = transactionRecordsMax * 4,
        },
        log,
        new Copy(Out),
        new TextDeadLetters(),
        new StageEnvironment(time, Random.Shared, new TestMeters(), NullLogger.Instance));

    private sealed class Copy(string topic) : IRecordHandler
    {
        public ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Outcome>(new Outcome.Completed([new OutputRecord(topic, null, delivery.Record.Key, delivery.Record.Value, [])]));
    }
}

/// <param name="Transaction">The number of the transaction that it was sent in, where they are numbered.</param>
internal sealed record CopiedRecord(string Key, int Number, int? Transaction);
