using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>Produces to one topic, one request a batch.</summary>
/// <param name="version">Of Produce.</param>
internal sealed class PartitionWriter(Dialogue dialogue, short version, string topic, Guid topicId)
{
    /// <summary>Produces, and has the answer written down.</summary>
    public Task AskAsync(string about, BatchBytes batch, int partition = 0, short acks = -1, string? transactionalId = null) =>
        AskAsync(about, batch.ToArray(), partition, acks, transactionalId);

    /// <inheritdoc cref="AskAsync(string, BatchBytes, int, short, string)"/>
    public Task AskAsync(string about, byte[] records, int partition = 0, short acks = -1, string? transactionalId = null) =>
        dialogue.AskAsync<ProduceRequest, ProduceResponse>(about, version, Request(records, partition, acks, transactionalId));

    /// <summary>Produces what has to succeed.</summary>
    public async Task WriteAsync(BatchBytes batch, int partition = 0, string? transactionalId = null)
    {
        ProduceRequest request = Request(batch.ToArray(), partition, -1, transactionalId);
        await Eventually.TrueAsync(
            $"{topic}-{partition} takes a batch",
            async () => (await dialogue.DoAsync<ProduceRequest, ProduceResponse>(version, request)).Responses.Single().PartitionResponses.Single().ErrorCode,
            error => error == ErrorCode.None,
            TimeSpan.FromSeconds(120));
    }

    private ProduceRequest Request(byte[] records, int partition, short acks, string? transactionalId) => new()
    {
        TransactionalId = transactionalId, Acks = acks, TimeoutMs = 10_000,
        TopicData = [new() { Name = topic, TopicId = topicId, PartitionData = [new() { Index = partition, Records = records }] }],
    };
}
