using System.Collections.Concurrent;
using System.Text;
using Carousel.Stages.Log;
using Carousel.Testing;

namespace Carousel.Stages.Tests.Log;

/// <summary>What every log has to keep, whichever it is. The engine's promises rest on these facts and on no others.</summary>
public abstract class StageLogContract
{
    private const int PartitionCount = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly string _prefix = TestKafka.UniquePrefix();

    private protected abstract IStageLog Log { get; }

    private string In => _prefix + "in";

    private string Out => _prefix + "out";

    private string Group => _prefix + "group";

    protected abstract Task CreateTopicsAsync(int partitionCount, params string[] topics);

    [Fact]
    public async Task A_transaction_appears_whole_or_not_at_all()
    {
        await CreateTopicsAsync(PartitionCount, In, Out);
        await using Member reader = Join(Group, Out);
        await using IStageProducer producer = await OpenAsync("a");
        await producer.BeginAsync();
        Enumerable.Range(0, 20).ToList().ForEach(i => producer.Send(Record(Out, i % PartitionCount, $"{i}", "v")));
        await producer.FlushAsync();
        Assert.Empty(await reader.PollForAsync(TimeSpan.FromMilliseconds(700)));
        await producer.CommitAsync();
        Assert.Equal(20, (await reader.PollUntilAsync(20)).Count);
    }

    [Fact]
    public async Task Records_of_an_aborted_transaction_are_never_seen_and_take_their_offsets()
    {
        await CreateTopicsAsync(1, Out);
        await using (IStageProducer abandoned = await OpenAsync("a"))
        {
            await WriteAsync(abandoned, Record(Out, 0, "k", "before"));
            await abandoned.BeginAsync();
            abandoned.Send(Record(Out, 0, "k", "aborted"));
            await abandoned.FlushAsync();
        }

        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(Out, 0, "k", "after"));
        await using Member reader = Join(Group, Out);
        List<SourceRecord> records = await reader.PollUntilAsync(2);
        Assert.Equal(["before", "after"], records.Select(Text));

        // Offsets: before 0, its marker 1, aborted 2, its marker 3, after 4.
        Assert.Equal([0L, 4L], records.Select(record => record.Offset));
    }

    [Fact]
    public async Task A_producer_is_fenced_by_the_next_of_its_id()
    {
        await CreateTopicsAsync(1, Out);
        await using IStageProducer old = await OpenAsync("a");
        await old.BeginAsync();
        old.Send(Record(Out, 0, "k", "old"));
        await old.FlushAsync();
        await using IStageProducer young = await OpenAsync("a");
        LogException e = await Assert.ThrowsAsync<LogException>(old.CommitAsync);
        Assert.True(e.IsFenced, e.ToString());
        await WriteAsync(young, Record(Out, 0, "k", "young"));
        await using Member reader = Join(Group, Out);
        Assert.Equal(["young"], (await reader.PollUntilAsync(1)).Select(Text));
    }

    [Fact]
    public async Task A_failed_producer_stays_failed()
    {
        await CreateTopicsAsync(1, Out);
        await using IStageProducer old = await OpenAsync("a");
        await using IStageProducer young = await OpenAsync("a");
        await Assert.ThrowsAsync<LogException>(() => WriteAsync(old, Record(Out, 0, "k", "1")));
        await Assert.ThrowsAsync<LogException>(() => WriteAsync(old, Record(Out, 0, "k", "2")));
    }

    [Fact]
    public async Task Offsets_count_from_the_commit_on()
    {
        await CreateTopicsAsync(1, In, Out);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(In, 0, "k", "1"), Record(In, 0, "k", "2"));
        await using Member member = Join(Group, In);
        await member.PollUntilAsync(2);
        SourcePartition partition = new(In, 0);
        Assert.Null((await member.Consumer.CommittedAsync([partition]))[partition]);
        await producer.BeginAsync();
        producer.Send(Record(Out, 0, "k", "out"));
        await producer.FlushAsync();
        await producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, await member.Consumer.MembershipAsync());
        await producer.CommitAsync();
        Assert.Equal(1, (await member.Consumer.CommittedAsync([partition]))[partition]);
        await member.LeaveAsync();
        await using Member next = Join(Group, In);
        Assert.Equal(["2"], (await next.PollUntilAsync(1)).Select(Text));
    }

    [Fact]
    public async Task Offsets_of_an_aborted_transaction_never_count()
    {
        await CreateTopicsAsync(1, In);
        SourcePartition partition = new(In, 0);
        await using Member member = Join(Group, In);
        await using (IStageProducer abandoned = await OpenAsync("a"))
        {
            await WriteAsync(abandoned, Record(In, 0, "k", "1"));
            await member.PollUntilAsync(1);
            await abandoned.BeginAsync();
            await abandoned.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, await member.Consumer.MembershipAsync());
        }

        await using IStageProducer next = await OpenAsync("a");
        Assert.Null((await member.Consumer.CommittedAsync([partition]))[partition]);
    }

    [Fact]
    public async Task Committed_offsets_wait_for_a_pending_transaction()
    {
        await CreateTopicsAsync(1, In);
        SourcePartition partition = new(In, 0);
        await using Member member = Join(Group, In);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(In, 0, "k", "1"));
        await member.PollUntilAsync(1);
        await producer.BeginAsync();
        await producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, await member.Consumer.MembershipAsync());
        Task<IReadOnlyDictionary<SourcePartition, long?>> asked = member.Consumer.CommittedAsync([partition]);
        await Assert.ThrowsAsync<TimeoutException>(() => asked.WaitAsync(TimeSpan.FromMilliseconds(300)));
        await producer.CommitAsync();
        Assert.Equal(1, (await asked.WithinAsync("the committed offset is told", Patience))[partition]);
    }

    [Fact]
    public async Task A_membership_is_refused_once_the_group_has_moved_on()
    {
        await CreateTopicsAsync(2, In);
        SourcePartition partition = new(In, 0);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(In, 0, "k", "1"), Record(In, 1, "k", "2"));
        await using Member first = Join(Group, In);
        await first.PollUntilAsync(2);
        IGroupMembership stale = await first.Consumer.MembershipAsync();
        await using Member second = Join(Group, In);
        await PollUntilSharedAsync(first, second, each: 1);
        await producer.BeginAsync();
        LogException e = await Assert.ThrowsAsync<LogException>(
            () => producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, stale));
        Assert.False(e.IsFatal);
        Assert.False(e.IsFenced);
        await using IStageProducer next = await OpenAsync("a");
        await next.BeginAsync();
        await next.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, await first.Consumer.MembershipAsync());
        await next.CommitAsync();
        Assert.Equal(1, (await first.Consumer.CommittedAsync([partition]))[partition]);
    }

    [Fact]
    public async Task Records_of_a_partition_come_in_order_and_each_once()
    {
        await CreateTopicsAsync(PartitionCount, Out);
        await using IStageProducer producer = await OpenAsync("a");
        for (int transaction = 0; transaction < 5; transaction++)
        {
            int first = transaction * 100;
            await WriteAsync(producer, [.. Enumerable.Range(first, 100).Select(i => Record(Out, null, $"key-{i % 37}", $"{i}"))]);
        }

        await using Member reader = Join(Group, Out);
        List<SourceRecord> records = await reader.PollUntilAsync(500);
        Assert.Equal(500, records.Select(Text).Distinct().Count());
        Assert.All(records.GroupBy(record => record.Partition), group => Assert.Equal(group.Select(r => r.Offset).Order(), group.Select(r => r.Offset)));
        Assert.All(records.GroupBy(record => Encoding.UTF8.GetString(record.Key!)), group =>
        {
            Assert.Equal(group.Select(record => int.Parse(Text(record)!, null)).Order(), group.Select(record => int.Parse(Text(record)!, null)));
            Assert.Single(group.Select(record => record.Partition).Distinct());
        });
    }

    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("abc", 479470107)]
    public async Task A_key_goes_to_the_partition_that_Kafkas_own_clients_choose(string key, int murmur2)
    {
        await CreateTopicsAsync(PartitionCount, Out);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(Out, null, key, "v"));
        await using Member reader = Join(Group, Out);
        Assert.Equal((murmur2 & int.MaxValue) % PartitionCount, (await reader.PollUntilAsync(1))[0].Partition.Partition);
    }

    [Fact]
    public async Task Headers_and_nulls_come_out_as_they_went_in()
    {
        await CreateTopicsAsync(1, Out);
        await using IStageProducer producer = await OpenAsync("a");
        RecordHeader[] headers = [new("a", [1, 2]), new("b", null), new("a", []), new("ü", [0xff])];
        await WriteAsync(
            producer,
            new OutputRecord(Out, 0, null, null, headers),
            new OutputRecord(Out, 0, [], [], []),
            new OutputRecord(Out, 0, [0, 0xff], [0xff, 0], []));
        await using Member reader = Join(Group, Out);
        List<SourceRecord> records = await reader.PollUntilAsync(3);
        Assert.Null(records[0].Key);
        Assert.Null(records[0].Value);
        Assert.Equal(headers.Select(h => h.Name), records[0].Headers.Select(h => h.Name));
        Assert.Equal(headers.Select(h => h.Value), records[0].Headers.Select(h => h.Value));
        Assert.Empty(records[1].Key!);
        Assert.Empty(records[1].Value!);
        Assert.Empty(records[1].Headers);
        Assert.Equal([0, 0xff], records[2].Key!);
        Assert.Equal([0xff, 0], records[2].Value!);
        Assert.Equal(DateTimeKind.Utc, records[0].Timestamp.Kind);
    }

    [Fact]
    public async Task A_paused_partition_is_silent_and_goes_on_where_it_stopped()
    {
        await CreateTopicsAsync(2, Out);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(Out, 0, "k", "0-a"), Record(Out, 1, "k", "1-a"));
        await using Member reader = Join(Group, Out);
        await reader.PollUntilAsync(2);
        reader.Consumer.Pause([new SourcePartition(Out, 0)]);
        await WriteAsync(producer, Record(Out, 0, "k", "0-b"), Record(Out, 1, "k", "1-b"));
        Assert.Equal(["1-b"], (await reader.PollUntilAsync(1)).Select(Text));
        Assert.Empty(await reader.PollForAsync(TimeSpan.FromMilliseconds(500)));
        reader.Consumer.Resume([new SourcePartition(Out, 0)]);
        Assert.Equal(["0-b"], (await reader.PollUntilAsync(1)).Select(Text));
    }

    [Fact]
    public async Task Members_share_the_partitions_and_keep_what_needs_not_move()
    {
        await CreateTopicsAsync(PartitionCount, In);
        await using Member first = Join(Group, In);
        await first.PollWhileAsync(() => first.Owned.Count < PartitionCount, "the first member owns all");
        await using Member second = Join(Group, In);
        await PollUntilSharedAsync(first, second, each: PartitionCount / 2);
        Assert.Empty(first.Owned.Intersect(second.Owned));

        // Cooperative: only what moves was revoked, and it wasn't ours and theirs at the same time.
        Assert.Equal(second.Owned.Order(ByNumber), first.Revoked.Order(ByNumber));
        Assert.Empty(first.Lost);
        await second.LeaveAsync();
        Assert.Equal(PartitionCount / 2, second.Revoked.Count);
        await first.PollWhileAsync(() => first.Owned.Count < PartitionCount, "the first member owns all again");
    }

    [Fact]
    public async Task What_is_committed_while_a_partition_is_revoked_counts()
    {
        await CreateTopicsAsync(1, In);
        SourcePartition partition = new(In, 0);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(In, 0, "k", "1"), Record(In, 0, "k", "2"));
        Member first = Join(Group, In);
        await using Member _ = first;
        await first.PollUntilAsync(2);
        first.OnRevoking = async () =>
        {
            await producer.BeginAsync();
            await producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, await first.Consumer.MembershipAsync());
            await producer.CommitAsync();
        };
        await first.LeaveAsync();
        await using Member second = Join(Group, In);
        Assert.Equal(["2"], (await second.PollUntilAsync(1)).Select(Text));
    }

    [Fact]
    public async Task Reading_to_the_end_gives_what_is_committed_of_the_partitions_asked_for()
    {
        await CreateTopicsAsync(3, Out);
        await using (IStageProducer abandoned = await OpenAsync("a"))
        {
            await WriteAsync(abandoned, Record(Out, 0, "k", "1"), Record(Out, 1, "k", "other"), Record(Out, 2, "k", "2"));
            await abandoned.BeginAsync();
            abandoned.Send(Record(Out, 0, "k", "aborted"));
            await abandoned.FlushAsync();
        }

        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(Out, 0, "k", "3"));
        List<SourceRecord> records = await ReadToEndAsync(0, 2);
        Assert.Equal(["1", "3"], records.Where(record => record.Partition.Partition == 0).Select(Text));
        Assert.Equal([0L, 4L], records.Where(record => record.Partition.Partition == 0).Select(record => record.Offset));
        Assert.Equal(["2"], records.Where(record => record.Partition.Partition == 2).Select(Text));
        Assert.Equal(3, records.Count);
    }

    [Fact]
    public async Task Reading_to_the_end_of_nothing_gives_nothing()
    {
        await CreateTopicsAsync(2, Out);
        Assert.Empty(await ReadToEndAsync(0, 1));
        await using (IStageProducer abandoned = await OpenAsync("a"))
        {
            await abandoned.BeginAsync();
            abandoned.Send(Record(Out, 0, "k", "aborted"));
            await abandoned.FlushAsync();
        }

        await using IStageProducer next = await OpenAsync("a");
        Assert.Empty(await ReadToEndAsync(0, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reading_to_the_end_waits_for_the_transaction_that_is_open(bool commits)
    {
        await CreateTopicsAsync(1, Out);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(Out, 0, "k", "before"));
        await producer.BeginAsync();
        producer.Send(Record(Out, 0, "k", "pending"));
        await producer.FlushAsync();
        Task<List<SourceRecord>> read = ReadToEndAsync(0);
        await Assert.ThrowsAsync<TimeoutException>(() => read.WaitAsync(TimeSpan.FromSeconds(1)));
        if (commits)
        {
            await producer.CommitAsync();
        }

        await using IStageProducer next = await OpenAsync("a");
        List<SourceRecord> records = await read.WithinAsync("the partition is read to its end", Patience);
        Assert.Equal(commits ? ["before", "pending"] : ["before"], records.Select(Text));
    }

    [Fact]
    public async Task End_offsets_count_what_is_not_committed_yet()
    {
        await CreateTopicsAsync(2, Out);
        await using IStageProducer producer = await OpenAsync("a");
        await WriteAsync(producer, Record(Out, 0, "k", "1"));
        await producer.BeginAsync();
        producer.Send(Record(Out, 0, "k", "2"));
        await producer.FlushAsync();
        IReadOnlyDictionary<SourcePartition, long> ends = await Log.EndOffsetsAsync([new(Out, 0), new(Out, 1)], CancellationToken.None);

        // Record 0, marker 1, record 2.
        Assert.Equal(3, ends[new SourcePartition(Out, 0)]);
        Assert.Equal(0, ends[new SourcePartition(Out, 1)]);
        await producer.CommitAsync();
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_read()
    {
        await CreateTopicsAsync(1, Out);
        await Assert.ThrowsAsync<LogException>(() => ReadToEndAsync(7));
        await Assert.ThrowsAsync<LogException>(() => Log.EndOffsetsAsync([new(Out + "-nowhere", 0)], CancellationToken.None));
    }

    [Fact]
    public async Task A_static_member_that_comes_back_has_its_partitions_and_the_others_hear_nothing()
    {
        await CreateTopicsAsync(PartitionCount, In);
        await using Member other = Join(Group, In, "other");
        await other.PollWhileAsync(() => other.Owned.Count < PartitionCount, "the first member owns all");
        Member first = Join(Group, In, "static");
        await using (first)
        {
            await PollUntilSharedAsync(other, first, each: PartitionCount / 2);
            await first.LeaveAsync();
        }

        SourcePartition[] before = [.. other.Owned];
        int revoked = other.Revoked.Count;
        await using Member again = Join(Group, In, "static");
        await PollUntilSharedAsync(other, again, each: PartitionCount / 2);
        Assert.Equal(first.Revoked.Order(ByNumber), again.Owned.Order(ByNumber));
        Assert.Equal(before.Order(ByNumber), other.Owned.Order(ByNumber));
        Assert.Equal(revoked, other.Revoked.Count);
        Assert.Empty(other.Lost);
    }

    [Fact]
    public async Task A_static_member_is_fenced_by_the_next_of_its_name()
    {
        await CreateTopicsAsync(1, In);
        SourcePartition partition = new(In, 0);
        await using IStageProducer producer = await OpenAsync("a");
        Member old = Join(Group, In, "static");
        await old.PollWhileAsync(() => old.Owned.Count < 1, "the member owns all");
        IGroupMembership stale = await old.Consumer.MembershipAsync();
        await using Member young = Join(Group, In, "static");
        await young.PollWhileAsync(() => young.Owned.Count < 1, "the next owns all");
        await producer.BeginAsync();
        await Assert.ThrowsAsync<LogException>(() => producer.SendOffsetsAsync(new Dictionary<SourcePartition, long> { [partition] = 1 }, stale));
        LogException e = await Assert.ThrowsAsync<LogException>(() => old.PollWhileAsync(() => true, "the old member is fenced"));
        Assert.True(e.IsFatal, e.ToString());
        await old.Consumer.DisposeAsync();
    }

    private async Task<List<SourceRecord>> ReadToEndAsync(params int[] partitions)
    {
        var records = new List<SourceRecord>();
        await Log.ReadToEndAsync([.. partitions.Select(number => new SourcePartition(Out, number))], records.Add, CancellationToken.None);
        return records;
    }

    private static readonly Comparer<SourcePartition> ByNumber = Comparer<SourcePartition>.Create((a, b) => a.Partition.CompareTo(b.Partition));

    private static OutputRecord Record(string topic, int? partition, string key, string value) =>
        new(topic, partition, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), []);

    private static string? Text(SourceRecord record) => record.Value is { } value ? Encoding.UTF8.GetString(value) : null;

    private static async Task WriteAsync(IStageProducer producer, params OutputRecord[] records)
    {
        await producer.BeginAsync();
        Array.ForEach(records, producer.Send);
        await producer.FlushAsync();
        await producer.CommitAsync();
    }

    private static async Task PollUntilSharedAsync(Member first, Member second, int each)
    {
        bool Unshared() => first.Owned.Count != each || second.Owned.Count != each;
        await Task.WhenAll(
            first.PollWhileAsync(Unshared, $"both members own {each} partitions"),
            second.PollWhileAsync(Unshared, $"both members own {each} partitions"));
    }

    private Task<IStageProducer> OpenAsync(string id) => Log.OpenProducerAsync(_prefix + id, CancellationToken.None);

    private Member Join(string group, string topic, string? instanceId = null) => new(Log, new GroupSubscription(group, [topic], instanceId));

    /// <summary>A consumer and what its listener was told.</summary>
    private sealed class Member : IAssignmentListener, IAsyncDisposable
    {
        private static readonly TimeSpan PollTimeout = TimeSpan.FromMilliseconds(50);
        private readonly ConcurrentDictionary<SourcePartition, byte> _owned = new();
        private bool _left;

        public Member(IStageLog log, GroupSubscription subscription) => Consumer = log.Join(subscription, this);

        public IStageConsumer Consumer { get; }

        public ICollection<SourcePartition> Owned => _owned.Keys;

        public ConcurrentBag<SourcePartition> Revoked { get; } = [];

        public ConcurrentBag<SourcePartition> Lost { get; } = [];

        public Func<Task>? OnRevoking { get; set; }

        public void OnAssigned(IReadOnlyCollection<SourcePartition> partitions) => partitions.ToList().ForEach(partition => Assert.True(_owned.TryAdd(partition, 0)));

        public async Task OnRevokedAsync(IReadOnlyCollection<SourcePartition> partitions)
        {
            await (OnRevoking?.Invoke() ?? Task.CompletedTask);
            partitions.ToList().ForEach(Revoked.Add);
            partitions.ToList().ForEach(partition => Assert.True(_owned.TryRemove(partition, out _)));
        }

        public void OnLost(IReadOnlyCollection<SourcePartition> partitions)
        {
            partitions.ToList().ForEach(Lost.Add);
            partitions.ToList().ForEach(partition => Assert.True(_owned.TryRemove(partition, out _)));
        }

        public async Task<List<SourceRecord>> PollUntilAsync(int count)
        {
            var records = new List<SourceRecord>();
            await PollWhileAsync(() => records.Count < count, $"{count} records were read", records);
            Assert.Equal(count, records.Count);
            return records;
        }

        public async Task<List<SourceRecord>> PollForAsync(TimeSpan time)
        {
            var records = new List<SourceRecord>();
            using var over = new CancellationTokenSource(time);
            await PollWhileAsync(() => !over.IsCancellationRequested, "the time was over", records);
            return records;
        }

        public async Task PollWhileAsync(Func<bool> condition, string what, List<SourceRecord>? records = null)
        {
            using var over = new CancellationTokenSource(Patience);
            while (condition())
            {
                Assert.False(over.IsCancellationRequested, $"Waited {Patience.TotalSeconds} s until {what}; owned {_owned.Count}, read {records?.Count}.");
                IReadOnlyList<SourceRecord> polled = await Consumer.PollAsync(PollTimeout);
                records?.AddRange(polled);
            }
        }

        public Task LeaveAsync()
        {
            _left = true;
            return Consumer.LeaveAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (!_left)
            {
                await Consumer.LeaveAsync();
            }

            await Consumer.DisposeAsync();
        }
    }
}
