using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Log.Kafka;

/// <summary>
/// A member of a group for as long as anybody wants one: a <see cref="GroupMember"/> that the group expelled, or whose client no longer answers, is
/// replaced by a new one, which starts from the committed offsets like any other.
/// </summary>
internal sealed class KafkaStageConsumer(Func<GroupMember> join, ILogger logger) : IStageConsumer
{
    private readonly List<Task> _ending = [];
    private volatile GroupMember _member = join();

    public KafkaStageConsumer(ConsumerConfig config, IReadOnlyList<string> topics, IAssignmentListener listener, ILogger logger)
        : this(() => new GroupMember(config, topics, listener, logger), logger)
    {
    }

    public Task<IReadOnlyList<SourceRecord>> PollAsync(TimeSpan timeout)
    {
        if (_member.IsUseless)
        {
            Replace();
        }

        return _member.PollAsync(timeout);
    }

    public void Pause(IReadOnlyCollection<SourcePartition> partitions) => _member.Pause(partitions);

    public void Resume(IReadOnlyCollection<SourcePartition> partitions) => _member.Resume(partitions);

    public Task<IGroupMembership> MembershipAsync() => _member.MembershipAsync();

    public Task<IReadOnlyDictionary<SourcePartition, long?>> CommittedAsync(IReadOnlyCollection<SourcePartition> partitions) => _member.CommittedAsync(partitions);

    public Task LeaveAsync() => _member.LeaveAsync();

    public async ValueTask DisposeAsync()
    {
        _member.Abandon();
        _ending.Add(_member.EndAsync());
        await Task.WhenAll(_ending);
    }

    private void Replace()
    {
        GroupMember former = _member;
        former.Abandon();
        KafkaClientLog.Replaced(logger, former.Name);
        _ending.RemoveAll(ending => ending.IsCompleted);
        _ending.Add(former.EndAsync());
        _member = join();
    }
}
