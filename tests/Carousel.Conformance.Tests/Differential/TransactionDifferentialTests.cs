using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>Transactions, one request after another: what each version answers, and what is refused as what.</summary>
public sealed class TransactionDifferentialTests(SharedBrokers brokers) : DifferentialTest(brokers)
{
    [Fact]
    public Task Producers_get_ids_and_epochs() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<InitProducerIdRequest>())
        {
            await AskAsync("without a name", null);
            await AskAsync("the empty name", "");
            await AskAsync("too long a timeout", Prefix + "long", int.MaxValue);
            await AskAsync("no timeout", Prefix + "none", 0);
            string name = $"{Prefix}v{version}";
            InitProducerIdResponse first = await AskAsync("a name", name);
            InitProducerIdResponse second = await AskAsync("the same name again", name);
            if (version >= 3)
            {
                await AskAsync("knowing its epoch", name, producer: second);
                await AskAsync("the same once more", name, producer: second);
                await AskAsync("a former epoch", name, producer: first);
            }

            Task<InitProducerIdResponse> AskAsync(string about, string? name, int timeoutMs = 60_000, InitProducerIdResponse? producer = null) =>
                dialogue.AskAsync<InitProducerIdRequest, InitProducerIdResponse>(about, version, new InitProducerIdRequest
                {
                    TransactionalId = name, TransactionTimeoutMs = timeoutMs, ProducerId = producer?.ProducerId ?? -1, ProducerEpoch = producer?.ProducerEpoch ?? -1,
                });
        }
    });

    /// <summary>Versions below the ones in which the broker itself adds partitions (KIP-890), which librdkafka and kafkajs speak.</summary>
    [Fact]
    public Task A_transaction_goes_through_its_states() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<EndTxnRequest>().Where(version => version <= 3))
        {
            string topic = $"{Prefix}life-v{version}";
            Guid id = await dialogue.CreateTopicAsync(topic, 2, ("retention.ms", "-1"));
            TransactionTalk talk = await TransactionTalk.BeginAsync(dialogue, topic, version);
            await talk.EndAsync("a commit of nothing", commit: true);
            await talk.ProduceAsync("a partition that wasn't added", isTaken: false);
            await talk.AddPartitionsAsync("a partition", topic, 0);
            await talk.AddPartitionsAsync("the same and an unknown one", topic, 0, 9);
            await talk.AddPartitionsAsync("of a topic that isn't", Prefix + "unknown", 0);
            await talk.ProduceAsync("the first batch");
            await talk.ProduceAsync("the second batch");
            await talk.ProduceAsync("outside of the transaction", isTransactional: false, isTaken: false);
            await talk.DescribeAsync();
            await talk.FetchAsync(id);
            await talk.EndAsync("a commit", commit: true);
            await talk.EndedAsync("CompleteCommit");
            await talk.FetchAsync(id);
            await talk.EndAsync("the commit again", commit: true);
            await talk.EndAsync("an abort after a commit", commit: false);

            await talk.AddPartitionsAsync("the next transaction", topic, 0);
            await talk.ProduceAsync("to be aborted");
            await talk.EndAsync("an abort", commit: false);
            await talk.EndedAsync("CompleteAbort");
            await talk.FetchAsync(id);
            await talk.EndAsync("the abort again", commit: false);
            await talk.DescribeAsync();
        }
    });

    [Fact]
    public Task Offsets_travel_in_transactions() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<TxnOffsetCommitRequest>().Where(version => version <= 3))
        {
            string topic = $"{Prefix}offsets-v{version}";
            await dialogue.CreateTopicAsync(topic, 1);
            TransactionTalk talk = await TransactionTalk.BeginAsync(dialogue, topic, (short)Math.Min(version, (short)3));
            await talk.AddOffsetsAsync("a group");
            await talk.CommitOffsetAsync("an offset", version, 4);
            await talk.CommitOffsetAsync("a partition that isn't", version, 4, partition: 8);
            if (version >= 3)
            {
                await talk.CommitOffsetAsync("a member that isn't", version, 4, member: "nobody", generation: 5);
            }

            await talk.FetchOffsetAsync("while it is open");
            await talk.EndAsync("commit", commit: true);
            await talk.EndedAsync("CompleteCommit");
            await talk.FetchOffsetAsync("when it is over");
        }
    });

    [Fact]
    public Task Whoever_is_not_the_producer_any_more_is_refused() => CompareAsync(async dialogue =>
    {
        foreach (short version in dialogue.Versions<EndTxnRequest>().Where(version => version <= 3))
        {
            string topic = $"{Prefix}fenced-v{version}";
            await dialogue.CreateTopicAsync(topic, 1);
            TransactionTalk former = await TransactionTalk.BeginAsync(dialogue, topic, version);
            await former.AddPartitionsAsync("the former", topic, 0);
            await former.ProduceAsync("the former");
            TransactionTalk present = await TransactionTalk.BeginAsync(dialogue, topic, version);
            await former.AddPartitionsAsync("too late", topic, 0);
            await former.AddOffsetsAsync("too late");
            await former.CommitOffsetAsync("too late", dialogue.Newest<TxnOffsetCommitRequest>(3), 1);
            await former.ProduceAsync("too late");
            await former.EndAsync("too late", commit: true);
            await present.AddPartitionsAsync("the present", topic, 0);
            await present.EndAsync("the present", commit: true);
            await (present with { ProducerId = 999_999 }).EndAsync("another producer id", commit: true);
            await (present with { TransactionalId = Prefix + "nobody" }).EndAsync("a name that isn't", commit: true);
        }
    });

    [Fact]
    public Task Transactions_and_producers_are_described() => CompareAsync(async dialogue =>
    {
        string topic = Prefix + "described";
        await dialogue.CreateTopicAsync(topic, 1);
        TransactionTalk talk = await TransactionTalk.BeginAsync(dialogue, topic, 1);
        await talk.AddPartitionsAsync("a partition", topic, 0);
        await talk.ProduceAsync("a batch");
        foreach (short version in dialogue.Versions<DescribeTransactionsRequest>())
        {
            await dialogue.AskAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>("one that is, one that isn't", version, new DescribeTransactionsRequest { TransactionalIds = [talk.TransactionalId, Prefix + "nobody", ""] });
        }

        foreach (short version in dialogue.Versions<ListTransactionsRequest>())
        {
            foreach (string[] states in (string[][])[["Ongoing"], ["CompleteCommit"], ["NoSuchState"]])
            {
                ListTransactionsResponse listed = await dialogue.DoAsync<ListTransactionsRequest, ListTransactionsResponse>(version, new ListTransactionsRequest { StateFilters = states, ProducerIdFilters = [talk.ProducerId] });
                dialogue.Note($"ListTransactions v{version} {states[0]}: {listed.ErrorCode} {string.Join(',', listed.UnknownStateFilters)} {string.Join(',', listed.TransactionStates.Select(state => state.TransactionState))}");
            }
        }

        foreach (short version in dialogue.Versions<DescribeProducersRequest>())
        {
            await dialogue.AskAsync<DescribeProducersRequest, DescribeProducersResponse>("a partition that is, one that isn't", version, new DescribeProducersRequest { Topics = [new() { Name = topic, PartitionIndexes = [0, 5] }] });
        }
    });
}
