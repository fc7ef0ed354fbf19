using Carousel.Broker.Groups;
using Carousel.Broker.StateTopics;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Groups.Simulation;

/// <summary>
/// A consumer as clients write them: joins, assigns if it leads, reads what is committed, commits what it read, also in transactions, and joins anew when it is
/// told to. It does one thing at a time, when it is its turn.
/// </summary>
internal sealed class SimulatedConsumer(GroupWorld world, GroupOracle oracle, Random random, string? instanceId, long producerId)
{
    public const int Partitions = 7;

    private readonly Dictionary<int, long> _positions = [];
    private Task<JoinAnswer>? _join;
    private Task<SyncAnswer>? _sync;
    private Task<ErrorCode>? _commit;
    private (Task<object> Task, int Partition)? _fetch;
    private (ProducerStamp Producer, Task<ErrorCode> Task, int Partition)? _transaction;
    private short _epoch;
    private string _memberId = "";
    private int _generation;
    private int[]? _owned;

    public bool IsAlive { get; private set; } = true;

    /// <summary>The generation in which it knows what it owns; null otherwise.</summary>
    public int? StableIn => IsAlive && _owned is not null ? _generation : null;

    public bool IsOccupied => _join is not null || _sync is not null || _commit is not null || _fetch is not null || _transaction is not null;

    /// <summary>The connection broke: no answer comes any more, and what was asked may have happened or not.</summary>
    public void Disconnect()
    {
        bool wasJoining = _join is not null || _sync is not null;
        (_join, _sync, _commit, _fetch) = (null, null, null, null);
        if (wasJoining)
        {
            _owned = null;
        }
    }

    /// <summary>Falls silent, and comes back as another process.</summary>
    public void Die()
    {
        Disconnect();
        EndTransaction(isCommit: false);
        (IsAlive, _memberId, _owned) = (false, "", null);
        _positions.Clear();
    }

    public void Revive() => IsAlive = true;

    public void Leave()
    {
        if (_memberId.Length > 0 && instanceId is null)
        {
            world.Leave(_memberId);
        }

        Die();
    }

    public void Step(bool mayBegin)
    {
        if (!IsAlive || Collect())
        {
            return;
        }

        if (_transaction is { Task.IsCompleted: true } transaction)
        {
            EndTransaction(isCommit: transaction.Task.Result == ErrorCode.None && random.Next(3) > 0);
        }
        else if (_owned is null)
        {
            GroupJoin wish = GroupWorld.Wish(_memberId, instanceId, random.Next(4) == 0 ? ["sticky", "range"] : ["range", "sticky"]);

            // Less time than a session: so a static member may miss a generation and still be in the group.
            TimeSpan rebalanceTimeout = random.Next(2) == 0 ? GroupWorld.Session / 3 : GroupWorld.RebalanceTimeout;
            _join = world.Coordinator.JoinAsync(wish with { RequiresKnownMemberId = true, RebalanceTimeout = rebalanceTimeout });
        }
        else if (_owned.Length == 0 || !mayBegin || random.Next(3) == 0)
        {
            React(world.Heartbeat(_memberId, _generation, instanceId));
        }
        else
        {
            ReadOrCommit(_owned[random.Next(_owned.Length)]);
        }
    }

    /// <summary>What the coordinator of transactions does: it ends what is open, and after a crash what it had decided to end.</summary>
    public void EndTransaction(bool isCommit)
    {
        if (_transaction is { } transaction)
        {
            world.End(transaction.Producer, isCommit);
            _transaction = null;
            _epoch++;

            // Whether it read on from there or has to begin again: it asks what is committed.
            _positions.Remove(transaction.Partition);
        }
    }

    private void ReadOrCommit(int partition)
    {
        if (!_positions.TryGetValue(partition, out long position))
        {
            _fetch ??= (FetchAsync(partition), partition);
        }
        else if (random.Next(3) == 0 && _transaction is null)
        {
            var producer = new ProducerStamp(producerId, _epoch);
            long next = position + random.Next(1, 5);
            _transaction = (producer, world.CommitAsync(producer, GroupWorld.Caller(_memberId, _generation, instanceId), GroupWorld.Offset(next, partition)), partition);
            _positions.Remove(partition);
        }
        else if (_transaction is null && _commit is null)
        {
            long next = position + random.Next(1, 5);
            _commit = CommitAsync(_generation, partition, next);

            // It has read so far, whatever becomes of the commit.
            _positions[partition] = next;
        }
    }

    /// <summary>The oracle hears of an answer when it's given, and not when this consumer gets round to it.</summary>
    private async Task<ErrorCode> CommitAsync(int generation, int partition, long offset)
    {
        ErrorCode error = await world.CommitAsync(GroupWorld.Caller(_memberId, generation, instanceId), GroupWorld.Offset(offset, partition));
        if (error == ErrorCode.None)
        {
            oracle.Committed(generation, partition, offset);
        }

        return error;
    }

    private async Task<object> FetchAsync(int partition)
    {
        object answer = await world.FetchAsync(partition, requireStable: true);
        if (answer is long offset)
        {
            oracle.Seen(partition, Math.Max(0, offset));
        }

        return answer;
    }

    /// <summary>Takes in what was answered since. True while something is still awaited.</summary>
    private bool Collect()
    {
        if (_join is { IsCompleted: true } join)
        {
            _join = null;
            Joined(join.Result);
        }
        else if (_sync is { IsCompleted: true } sync)
        {
            _sync = null;
            Synced(sync.Result);
        }
        else if (_commit is { IsCompleted: true } commit)
        {
            _commit = null;
            React(commit.Result);
        }
        else if (_fetch is { Task.IsCompleted: true } fetch)
        {
            _fetch = null;
            if (fetch.Task.Result is long offset)
            {
                _positions[fetch.Partition] = Math.Max(0, offset);
            }
        }

        return _join is not null || _sync is not null || _commit is not null || _fetch is not null || _transaction is { Task.IsCompleted: false };
    }

    private void Joined(JoinAnswer answer)
    {
        if (answer.Error == ErrorCode.MemberIdRequired)
        {
            _memberId = answer.MemberId;
        }
        else if (answer.Error != ErrorCode.None)
        {
            React(answer.Error);
        }
        else
        {
            (_memberId, _generation) = (answer.MemberId, answer.Generation);
            Dictionary<string, byte[]> assignments = [];
            for (int index = 0; answer.LeaderId == answer.MemberId && !answer.SkipAssignment && index < answer.Members.Count; index++)
            {
                int member = index;
                assignments[answer.Members[index].MemberId] =
                    [.. Enumerable.Range(0, Partitions).Where(partition => partition % answer.Members.Count == member).Select(partition => (byte)partition)];
            }

            _sync = world.Coordinator.SyncAsync(new GroupSync(GroupWorld.Caller(_memberId, _generation, instanceId), assignments, answer.ProtocolType, answer.ProtocolName));
        }
    }

    private void Synced(SyncAnswer answer)
    {
        if (answer.Error != ErrorCode.None)
        {
            React(answer.Error);
            return;
        }

        _owned = [.. answer.Assignment.Select(partition => (int)partition)];
        _positions.Clear();
        oracle.Assigned(_generation, instanceId ?? _memberId, _owned);
    }

    private void React(ErrorCode error)
    {
        if (error is ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId)
        {
            _memberId = "";
        }

        if (error is not (ErrorCode.None or ErrorCode.NotCoordinator))
        {
            _owned = null;
            _positions.Clear();
        }
    }
}
