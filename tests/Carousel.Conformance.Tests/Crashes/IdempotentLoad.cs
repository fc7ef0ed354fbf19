using System.Collections.Concurrent;
using Carousel.Conformance.Tests.Brokers;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.Crashes;

/// <summary>
/// Produces numbers into every partition for as long as it runs, and notes which were acknowledged and at which offset. librdkafka goes on over the
/// broker's deaths by itself; an error that reaches this code means that something acknowledged was lost.
/// </summary>
internal sealed class IdempotentLoad : IAsyncDisposable
{
    /// <summary>Enough for several batches in flight to each partition, few enough that a long run doesn't fill the memory with its ledger.</summary>
    private const int OutstandingMax = 100;
    private readonly IProducer<string?, string?> _producer;
    private readonly SemaphoreSlim _free = new(OutstandingMax);
    private readonly ConcurrentQueue<(int Partition, long Offset, string Value)> _acknowledged = new();
    private readonly ConcurrentQueue<Error> _errors = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _topic;
    private readonly int[] _produced;
    private readonly Task _producing;

    public IdempotentLoad(ConfluentClients clients, string topic, int partitionCount)
    {
        _topic = topic;
        _produced = new int[partitionCount];
        _producer = clients.Producer(CrashSettings.Configure);
        _producing = Task.Run(ProduceAsync);
    }

    /// <summary>How many records were acknowledged so far.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Waits for what is under way, and compares the topic with what was promised: every number once, in order, where its acknowledgement said.</summary>
    public async Task VerifyAsync(ConfluentClients clients)
    {
        await _stop.CancelAsync();
        await _producing;
        _producer.Flush(BrokerContract.Patience);
        Assert.Empty(_errors.Select(error => $"{error.Code}: {error.Reason}").Distinct());
        Assert.Equal(_produced.Sum(), _acknowledged.Count);

        IReadOnlyList<ConsumeResult<string?, string?>> records = clients.ReadAll(_topic, _produced.Length);
        for (int partition = 0; partition < _produced.Length; partition++)
        {
            string?[] values = [.. records.Where(record => record.Partition.Value == partition).Select(record => record.Message.Value)];
            Assert.Equal(Enumerable.Range(0, _produced[partition]).Select(i => $"{i}"), values);
        }

        Dictionary<(int, long), string?> at = records.ToDictionary(record => (record.Partition.Value, record.Offset.Value), record => record.Message.Value);
        Assert.DoesNotContain(_acknowledged, promise => at.GetValueOrDefault((promise.Partition, promise.Offset)) != promise.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _producing;
        _producer.Dispose();
        _stop.Dispose();
        _free.Dispose();
    }

    private async Task ProduceAsync()
    {
        for (int i = 0; await IsNextAsync(); i++)
        {
            int partition = i % _produced.Length;
            string value = $"{_produced[partition]++}";
            _producer.Produce(new TopicPartition(_topic, partition), new Message<string?, string?> { Value = value }, OnDelivered);
        }
    }

    private async Task<bool> IsNextAsync()
    {
        try
        {
            await _free.WaitAsync(_stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void OnDelivered(DeliveryReport<string?, string?> report)
    {
        if (report.Error.IsError)
        {
            _errors.Enqueue(report.Error);
        }
        else
        {
            _acknowledged.Enqueue((report.Partition.Value, report.Offset.Value, report.Message.Value!));
        }

        _free.Release();
    }
}
