using System.Text;
using Carousel.Stages.Log;
using Carousel.Stages.Log.InMemory;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Stages.Tests.Log;

public sealed class InMemoryLogContract : StageLogContract
{
    private readonly InMemoryLog _log = new(TimeProvider.System);

    private protected override IStageLog Log => _log;

    protected override Task CreateTopicsAsync(int partitionCount, params string[] topics)
    {
        Array.ForEach(topics, topic => _log.CreateTopic(topic, partitionCount));
        return Task.CompletedTask;
    }
}

public sealed class InMemoryLogTests
{
    private static readonly SourcePartition In = new("in", 0);
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryLog _log;

    public InMemoryLogTests()
    {
        _log = new InMemoryLog(_time);
        _log.CreateTopic("in", 2);
    }

    [Theory]
    [InlineData("", 275646681)]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Murmur2_hashes_as_Kafka_does(string key, int hash) => Assert.Equal(hash, Murmur2.Hash(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public async Task An_open_transaction_is_aborted_and_fenced_after_its_time()
    {
        IStageProducer producer = await _log.OpenProducerAsync("t", CancellationToken.None);
        await producer.BeginAsync();
        producer.Send(new OutputRecord("in", 0, null, [1], []));
        _log.Append(new OutputRecord("in", 0, null, [2], []));
        Assert.Equal(0, _log.LastStableOffset(In));
        _time.Advance(_log.TransactionTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal([2], Assert.Single(_log.ReadCommitted("in")).Value);
        Assert.True((await Assert.ThrowsAsync<LogException>(producer.CommitAsync)).IsFenced);
    }

    [Fact]
    public async Task A_record_for_a_topic_that_is_not_there_fails_the_flush()
    {
        IStageProducer producer = await _log.OpenProducerAsync("t", CancellationToken.None);
        await producer.BeginAsync();
        producer.Send(new OutputRecord("nowhere", null, null, null, []));
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<LogException>(producer.FlushAsync)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LogException>(producer.CommitAsync);
    }

    [Fact]
    public async Task An_expelled_member_cannot_commit_and_comes_back_as_another()
    {
        var listener = new Listener();
        IStageConsumer consumer = _log.Join(new GroupSubscription("g", ["in"]), listener);
        await consumer.PollAsync(TimeSpan.Zero);
        IGroupMembership before = await consumer.MembershipAsync();
        _log.ExpelMember("g", 0);
        IStageProducer producer = await _log.OpenProducerAsync("t", CancellationToken.None);
        await producer.BeginAsync();
        await Assert.ThrowsAsync<LogException>(() => producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [In] = 1 }, before));
        await Assert.ThrowsAsync<LogException>(consumer.MembershipAsync);
        await consumer.PollAsync(TimeSpan.Zero);
        Assert.Equal(["assigned 2", "lost 2", "assigned 2"], listener.Told);
        Assert.NotEqual(before, await consumer.MembershipAsync());
    }

    private sealed class Listener : IAssignmentListener
    {
        public List<string> Told { get; } = [];

        public void OnAssigned(IReadOnlyCollection<SourcePartition> partitions) => Told.Add($"assigned {partitions.Count}");

        public Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions)
        {
            Told.Add($"revoked {partitions.Count}");
            return Task.CompletedTask;
        }

        public void OnLost(IReadOnlyCollection<SourcePartition> partitions) => Told.Add($"lost {partitions.Count}");
    }
}
