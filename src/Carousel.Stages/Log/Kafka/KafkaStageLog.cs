using Carousel.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>The port on Apache Kafka, or any broker that speaks its protocol, through librdkafka.</summary>
public sealed class KafkaStageLog(KafkaOptions options, string clientId, ILogger logger) : IStageLog
{
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Longer than a reader itself gives up after.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    public IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) => new KafkaStageConsumer(
        KafkaClientSettings.Consumer(options, clientId, subscription.Group, subscription.InstanceId), subscription.Topics, listener, logger);

    public Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken) =>
        ReadAsync(
            "Reading to the end",
            reader =>
            {
                reader.ReadToEnd(partitions, onRecord, cancellationToken);
                return true;
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken) =>
        ReadAsync("Asking for the end", reader => reader.EndOffsets(partitions), cancellationToken);

    public async Task<IStageProducer> OpenProducerAsync(string transactionalId, CancellationToken cancellationToken)
    {
        var producer = new KafkaStageProducer(KafkaClientSettings.TransactionalProducer(options, clientId, transactionalId), logger);
        try
        {
            await producer.InitAsync(InitTimeout);
            return producer;
        }
        catch (LogException)
        {
            await producer.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of its own for a moment, on a thread of its own. One that doesn't come back is given up.</summary>
    private async Task<T> ReadAsync<T>(string what, Func<KafkaLogReader, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var thread = new ClientThread($"{clientId} reader", logger, TimeProvider.System);
        try
        {
            return await thread.RunAsync(what, ReadTimeout, () =>
            {
                using var reader = new KafkaLogReader(KafkaClientSettings.Reader(options, $"{clientId}-reader"), logger);
                return read(reader);
            });
        }
        finally
        {
            await thread.EndAsync(ReadTimeout, () => { });
        }
    }

    internal static LogException Translate(string what, KafkaException e)
    {
        ErrorCode code = e.Error.Code;
        bool fenced = code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
        bool fatal = code is ErrorCode.FencedInstanceId or ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.TopicAuthorizationFailed
            or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed;
        return new LogException($"{what} failed: {e.Error.Reason} ({code})", e, fenced, fatal);
    }
}
