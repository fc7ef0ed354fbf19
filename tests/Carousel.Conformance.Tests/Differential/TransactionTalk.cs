using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>One producer's talk of its transactions. <paramref name="Version"/> is EndTxn's; AddPartitionsToTxn and AddOffsetsToTxn go by the same.</summary>
internal sealed record TransactionTalk(Dialogue Dialogue, string Topic, string TransactionalId, short Version)
{
    private int _sequence;

    public long ProducerId { get; init; }

    public short Epoch { get; init; }

    private string Group => Topic + "-group";

    /// <summary>Takes the name over from whoever has it.</summary>
    public static async Task<TransactionTalk> BeginAsync(Dialogue dialogue, string topic, short version)
    {
        string name = topic + "-id";
        InitProducerIdResponse producer = await Eventually.TrueAsync(
            "a producer id is given",
            () => dialogue.DoAsync<InitProducerIdRequest, InitProducerIdResponse>(4, new InitProducerIdRequest { TransactionalId = name, TransactionTimeoutMs = 60_000 }),
            response => response.ErrorCode is not (ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorNotAvailable or ErrorCode.CoordinatorLoadInProgress or ErrorCode.NotCoordinator),
            TimeSpan.FromSeconds(120));
        Assert.Equal(ErrorCode.None, producer.ErrorCode);
        return new TransactionTalk(dialogue, topic, name, version) { ProducerId = producer.ProducerId, Epoch = producer.ProducerEpoch };
    }

    public Task AddPartitionsAsync(string about, string topic, params int[] partitions) => Dialogue.AskAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(about, Version, new AddPartitionsToTxnRequest
    {
        V3AndBelowTransactionalId = TransactionalId, V3AndBelowProducerId = ProducerId, V3AndBelowProducerEpoch = Epoch, V3AndBelowTopics = [new() { Name = topic, Partitions = partitions }],
    });

    public Task AddOffsetsAsync(string about) => Dialogue.AskAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
        about, Version, new AddOffsetsToTxnRequest { TransactionalId = TransactionalId, ProducerId = ProducerId, ProducerEpoch = Epoch, GroupId = Group });

    public Task CommitOffsetAsync(string about, short version, long offset, int partition = 0, string member = "", int generation = -1) =>
        Dialogue.AskAsync<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(about, version, new TxnOffsetCommitRequest
        {
            TransactionalId = TransactionalId, GroupId = Group, ProducerId = ProducerId, ProducerEpoch = Epoch, MemberId = member, GenerationId = generation,
            Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = "" }] }],
        });

    public async Task FetchOffsetAsync(string about)
    {
        foreach (bool requireStable in (bool[])[false, true])
        {
            await Dialogue.AskAsync<OffsetFetchRequest, OffsetFetchResponse>(
                $"{about}, stable {requireStable}", 7, new OffsetFetchRequest { GroupId = Group, Topics = [new() { Name = Topic, PartitionIndexes = [0] }], RequireStable = requireStable });
        }
    }

    /// <param name="isTaken">Whether it has to be taken: only what is uses its sequence number up.</param>
    public Task ProduceAsync(string about, bool isTransactional = true, bool isTaken = true)
    {
        var batch = new BatchBytes { ProducerId = ProducerId, ProducerEpoch = Epoch, BaseSequence = _sequence, Attributes = isTransactional ? BatchBytes.Transactional : (short)0 };
        _sequence += isTaken ? 1 : 0;
        return new PartitionWriter(Dialogue, Dialogue.Newest<ProduceRequest>(11), Topic, Guid.Empty).AskAsync(about, batch, transactionalId: isTransactional ? TransactionalId : null);
    }

    public Task EndAsync(string about, bool commit) => Dialogue.AskAsync<EndTxnRequest, EndTxnResponse>(
        about, Version, new EndTxnRequest { TransactionalId = TransactionalId, ProducerId = ProducerId, ProducerEpoch = Epoch, Committed = commit });

    /// <summary>Kafka writes the markers after it has answered.</summary>
    public Task EndedAsync(string state) => Eventually.TrueAsync(
        $"the transaction is in {state}",
        async () => (await Dialogue.DoAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>(0, new DescribeTransactionsRequest { TransactionalIds = [TransactionalId] }))
            .TransactionStates.Single().TransactionState,
        seen => seen == state,
        TimeSpan.FromSeconds(120));

    public async Task FetchAsync(Guid topicId)
    {
        foreach (sbyte isolation in (sbyte[])[0, 1])
        {
            await Dialogue.AskAsync<FetchRequest, FetchResponse>($"isolation {isolation}", Dialogue.Newest<FetchRequest>(), new FetchRequest
            {
                MaxWaitMs = 10, MinBytes = 1, IsolationLevel = isolation, SessionEpoch = -1,
                Topics = [new() { Topic = Topic, TopicId = topicId, Partitions = [new() { PartitionMaxBytes = 1_000_000 }] }],
            });
        }
    }

    public Task DescribeAsync() => Dialogue.AskAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>("the state", 0, new DescribeTransactionsRequest { TransactionalIds = [TransactionalId] });
}
