using Carousel.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>The port on Apache Kafka, or any broker that speaks its protocol, through librdkafka.</summary>
public sealed class KafkaStageLog(KafkaOptions options, string clientId, ILogger logger) : IStageLog
{
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(30);

    public IStageConsumer Join(GroupSubscription subscription, IAssignmentListener listener) => new KafkaStageConsumer(
        KafkaClientSettings.Consumer(options, clientId, subscription.Group, subscription.InstanceId), subscription.Topics, listener, logger);

    public async Task ReadToEndAsync(IReadOnlyCollection<SourcePartition> partitions, Action<SourceRecord> onRecord, CancellationToken cancellationToken)
    {
        using var thread = new DedicatedThread($"{clientId} reader");
        await thread.RunAsync(() =>
        {
            using var reader = new KafkaLogReader(KafkaClientSettings.Reader(options, $"{clientId}-reader"), logger);
            reader.ReadToEnd(partitions, onRecord, cancellationToken);
        });
    }

    public async Task<IReadOnlyDictionary<SourcePartition, long>> EndOffsetsAsync(
        IReadOnlyCollection<SourcePartition> partitions, CancellationToken cancellationToken)
    {
        using var thread = new DedicatedThread($"{clientId} reader");
        return await thread.RunAsync(() =>
        {
            using var reader = new KafkaLogReader(KafkaClientSettings.Reader(options, $"{clientId}-reader"), logger);
            cancellationToken.ThrowIfCancellationRequested();
            return reader.EndOffsets(partitions);
        });
    }

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

    internal static LogException Translate(string what, KafkaException e)
    {
        ErrorCode code = e.Error.Code;
        bool fenced = code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;
        bool fatal = code is ErrorCode.FencedInstanceId or ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.TopicAuthorizationFailed
            or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed;
        return new LogException($"{what} failed: {e.Error.Reason} ({code})", e, fenced, fatal);
    }
}
