using Carousel.Kafka;
using Carousel.Stages;
using Carousel.Stages.Log;
using Confluent.Kafka;

namespace Carousel.Bench;

/// <summary>
/// The log without transactions, to see what they cost: results are written by a producer that is idempotent and no more, flushed, and the offsets are
/// committed now and then by a consumer of their own group. At least once, then. It exists in the bench alone.
/// </summary>
internal sealed class UntransactedLog(IStageLog log, KafkaOptions options) : IStageLog
{
    public IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) => log.Join(subscription, listener);

    public Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken) =>
        Task.FromResult<IStageProducer>(new Producer(options, transactionalId));

    public Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken) =>
        log.ReadToEndAsync(partitions, onRecord, cancellationToken);

    public Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken) =>
        log.EndOffsetsAsync(partitions, cancellationToken);

    private sealed class Producer : IStageProducer
    {
        private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);
        private readonly IProducer<byte[]?, byte[]?> _producer;
        private readonly IConsumer<Ignore, Ignore> _offsets;

        // Nobody waits for offsets where a record may come twice: they are committed beside the next results, and skipped while an earlier commit runs.
        private Task _committing = Task.CompletedTask;

        public Producer(KafkaOptions options, string id)
        {
            // What the transactional one is given, without its transactional id.
            ProducerConfig config = KafkaClientSettings.Producer(options, "bench-untransacted");
            config.LingerMs = 1;
            config.EnableDeliveryReports = false;
            config.QueueBufferingMaxMessages = 2_000_000;
            _producer = new ProducerBuilder<byte[]?, byte[]?>(config).Build();
            _offsets = new ConsumerBuilder<Ignore, Ignore>(KafkaClientSettings.Consumer(options, "bench-offsets", $"{id}-offsets")).Build();
        }

        public Task BeginAsync() => Task.CompletedTask;

        public void Send(OutputRecord record)
        {
            Headers? headers = record.Headers.Count == 0 ? null : [];
            foreach (RecordHeader header in record.Headers)
            {
                headers!.Add(header.Name, header.Value);
            }

            _producer.Produce(
                new TopicPartition(record.Topic, record.Partition ?? Partition.Any),
                new Message<byte[]?, byte[]?> { Key = record.Key, Value = record.Value, Headers = headers });
        }

        public Task FlushAsync() => Task.Run(() =>
        {
            if (_producer.Flush(FlushTimeout) > 0)
            {
                throw new LogException("The results weren't written in time");
            }
        });

        public async Task SendOffsetsAsync(IReadOnlyDictionary<SourcePartition, long> offsets, IGroupMembership membership)
        {
            if (_committing.IsCompleted)
            {
                await _committing;
                _committing = Task.Run(() =>
                    _offsets.Commit(offsets.Select(offset => new TopicPartitionOffset(offset.Key.Topic, offset.Key.Partition, offset.Value))));
            }
        }

        public Task CommitAsync() => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await _committing;
            _producer.Dispose();
            _offsets.Dispose();
        }
    }
}
