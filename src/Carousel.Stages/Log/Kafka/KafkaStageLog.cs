using Carousel.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>The port on Apache Kafka, or any broker that speaks its protocol, through librdkafka.</summary>
public sealed class KafkaStageLog(KafkaOptions options, string clientId, ILogger logger) : IStageLog
{
    private static readonly TimeSpan InitTimeout = TimeSpan.FromSeconds(30);

    public IStageConsumer Join(string group, IReadOnlyList<string> topics, IAssignmentListener listener) =>
        new KafkaStageConsumer(KafkaClientSettings.Consumer(options, clientId, group), topics, listener, logger);

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
        bool fatal = code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.TopicAuthorizationFailed
            or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed;
        return new LogException($"{what} failed: {e.Error.Reason} ({code})", e, fenced, fatal);
    }
}
