using Carousel.Broker.Groups;
using Carousel.Broker.Hosting.Composition;
using Carousel.Broker.Partitions;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Tests.Partitions;
using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>
/// A stage of a pipeline: transaction n writes records "name:n" to some partitions and commits offset n + 1 of its group. It remembers what it was told, and
/// stops at the first trouble.
/// </summary>
internal sealed class PipelineProducer(string name, TransactionVersion version, Random random)
{
    public const string Topic = "orders";
    public const int PartitionCount = 3;
    private static readonly GroupCaller NoMember = new("", "", null, -1);
    private readonly Dictionary<int, int> _sequences = [];
    private ProducerIdAndEpoch _producer;
    private int _next;

    /// <summary>Transactions whose commit or abort was answered, by their number.</summary>
    public Dictionary<int, bool> Ended { get; } = [];

    /// <summary>How many records of each transaction were acknowledged, by its number.</summary>
    public Dictionary<int, int> Acknowledged { get; } = [];

    public string Group => $"{name}-group";

    public static TopicPartition Input => new(Topic, 0);

    public string ValueOf(int number) => $"{name}:{number}";

    /// <param name="isOver">From then on nothing that is answered counts.</param>
    public async Task RunAsync(BrokerCore broker, Func<bool> isOver)
    {
        ProducerResult initialized = await broker.Transactions.InitializeAsync(name, 60_000, expected: null);
        if (initialized.Error != ErrorCode.None || isOver())
        {
            return;
        }

        _producer = initialized.Producer;
        _sequences.Clear();
        while (await TransactAsync(broker, isOver))
        {
        }
    }

    private async Task<bool> TransactAsync(BrokerCore broker, Func<bool> isOver)
    {
        int number = _next++;
        int[] partitions = [.. Enumerable.Range(0, PartitionCount).Where(_ => random.Next(2) == 0)];
        Acknowledged[number] = 0;
        foreach (int partition in partitions)
        {
            if (!await WriteAsync(broker, partition, number) || isOver())
            {
                return false;
            }

            Acknowledged[number]++;
        }

        bool isCommit = random.Next(4) > 0;
        if (!await CommitOffsetAsync(broker, number) || isOver())
        {
            return false;
        }

        ProducerResult ended = await broker.Transactions.EndAsync(name, _producer, isCommit, version);
        if (ended.Error != ErrorCode.None || isOver())
        {
            return false;
        }

        Ended[number] = isCommit;
        if (version == TransactionVersion.EpochBump)
        {
            _producer = ended.Producer;
            _sequences.Clear();
        }

        return true;
    }

    private async Task<bool> WriteAsync(BrokerCore broker, int partition, int number)
    {
        var target = new TopicPartition(Topic, partition);
        ErrorCode added = version == TransactionVersion.Classic
            ? await broker.Transactions.AddPartitionsAsync(name, _producer, [target])
            : await broker.Transactions.AddImplicitlyAsync(name, _producer, [target]);
        if (added != ErrorCode.None)
        {
            return false;
        }

        int sequence = _sequences.GetValueOrDefault(partition);
        _sequences[partition] = sequence + 1;
        Partition log = broker.Topics.FindPartition(target)!;
        byte[] batch = TestBatches.Transactional(_producer.ProducerId, _producer.ProducerEpoch, sequence, ValueOf(number));
        AppendResult appended = log.Append(batch, AppendOrigin.Client, broker.Transactions, mustStartAtZero: version == TransactionVersion.EpochBump);
        Assert.True(appended.IsSuccess || log.Fault is not null || appended.Error == ErrorCode.KafkaStorageError, $"{appended.Error}: {appended.Reason}");
        return appended.IsSuccess && await log.WaitUntilDurableAsync(appended.LastOffset, CancellationToken.None) == ErrorCode.None;
    }

    private async Task<bool> CommitOffsetAsync(BrokerCore broker, int number)
    {
        if (version == TransactionVersion.Classic
            && await broker.Transactions.AddPartitionsAsync(name, _producer, [broker.OffsetsPartitionOf(Group)]) != ErrorCode.None)
        {
            return false;
        }

        IReadOnlyList<ErrorCode> errors = await broker.Groups.CommitAsync(new TransactionalOffsetCommit(
            name,
            new ProducerStamp(_producer.ProducerId, _producer.ProducerEpoch),
            NoMember with { GroupId = Group },
            [new OffsetToCommit(Input, TopicId: default, number + 1, LeaderEpoch: -1, Metadata: "")],
            Enlists: version == TransactionVersion.EpochBump));
        return errors.Single() == ErrorCode.None;
    }
}
