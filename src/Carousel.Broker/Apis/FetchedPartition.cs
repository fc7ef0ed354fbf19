using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>One partition of a fetch, and its part of the response.</summary>
internal sealed class FetchedPartition
{
    private readonly FetchRequest.FetchPartition _asked;
    private readonly Partition? _partition;
    private ReadResult _read;
    private long _nextOffset;
    private bool _isCutShort;

    public FetchedPartition(FetchRequest.FetchPartition asked, Topic? topic, ErrorCode error)
    {
        (_asked, _nextOffset) = (asked, asked.FetchOffset);
        _partition = topic?.Find(asked.Partition);
        Answer = new FetchResponse.PartitionData { PartitionIndex = asked.Partition };
        if (_partition is null)
        {
            Refuse(error == ErrorCode.None ? ErrorCode.UnknownTopicOrPartition : error);
        }
        else if (TopicLookups.CheckLeaderEpoch(asked.CurrentLeaderEpoch) is not ErrorCode.None and var refused)
        {
            RefuseToRead(refused);
            (_partition, MustBeTold) = (null, true);
        }
        else if (!FollowsOurEpoch(_partition))
        {
            (_partition, MustBeTold) = (null, true);
        }
    }

    public FetchResponse.PartitionData Answer { get; }

    /// <summary>False where there is an error in place of records. What isn't there at all is told too, but not at once if there are others to wait for.</summary>
    public bool IsReadable => _partition is not null;

    public int BytesMax => _partition is null ? 0 : Math.Max(0, _asked.PartitionMaxBytes);

    /// <summary>Whether there is something for the client to hear now: an error, or that its position isn't in this log's history.</summary>
    public bool MustBeTold { get; private set; }

    /// <summary>Reads up to so many bytes and puts them into the answer; returns how many.</summary>
    public int Read(int bytesMax, bool readCommitted, bool minOneBatch)
    {
        if (_partition is null)
        {
            return 0;
        }

        _read = _partition.Read(_asked.FetchOffset, Math.Min(bytesMax, BytesMax), readCommitted, minOneBatch);
        if (_read.Error != ErrorCode.None)
        {
            RefuseToRead(_read.Error);
            MustBeTold = true;
            return 0;
        }

        _nextOffset = _read.NextOffset;
        _isCutShort = _nextOffset < (readCommitted ? _read.LastStableOffset : _read.HighWatermark);
        Answer.ErrorCode = ErrorCode.None;
        (Answer.HighWatermark, Answer.LastStableOffset, Answer.LogStartOffset) = (_read.HighWatermark, _read.LastStableOffset, _read.LogStartOffset);
        Answer.Records = _read.Records;
        Answer.AbortedTransactions = readCommitted
            ? [.. _read.AbortedTransactions.Select(aborted => new FetchResponse.AbortedTransaction { ProducerId = aborted.ProducerId, FirstOffset = aborted.FirstOffset })]
            : null;
        return _read.Records.Length;
    }

    /// <summary>Of a partition that had more than the client takes of it at once, nothing new is awaited.</summary>
    public void Watch(DataWait wait, bool readCommitted)
    {
        if (_partition is not null && !_isCutShort)
        {
            wait.Watch(_partition, _nextOffset, readCommitted);
        }
    }

    public void Release()
    {
        Answer.Records = default;
        _read.Dispose();
        _read = default;
    }

    /// <summary>
    /// Whether the epoch of the client's last record is one this log knows and covers its position. If not, the answer says where to truncate to (KIP-595;
    /// Kafka's Partition.readRecords).
    /// </summary>
    private bool FollowsOurEpoch(Partition partition)
    {
        if (_asked.LastFetchedEpoch < 0)
        {
            return true;
        }

        EpochEndOffset end = partition.EndOffsetOf(_asked.LastFetchedEpoch);
        if (end.EndOffset < 0)
        {
            RefuseToRead(ErrorCode.OffsetOutOfRange);
            return false;
        }

        if (end.LeaderEpoch >= _asked.LastFetchedEpoch && end.EndOffset >= _asked.FetchOffset)
        {
            return true;
        }

        Answer.DivergingEpoch = new FetchResponse.EpochEndOffset { Epoch = end.LeaderEpoch, EndOffset = end.EndOffset };
        (Answer.HighWatermark, Answer.LastStableOffset) = (partition.HighWatermark, partition.LastStableOffset);
        Answer.LogStartOffset = partition.LogStartOffset;
        Answer.AbortedTransactions = null;
        return false;
    }

    /// <summary>A partition that is there, but gives nothing, has no list of transactions; one that isn't there has an empty one (Kafka's FetchResponse).</summary>
    private void RefuseToRead(ErrorCode error)
    {
        Refuse(error);
        Answer.AbortedTransactions = null;
    }

    private void Refuse(ErrorCode error)
    {
        Answer.ErrorCode = error;
        (Answer.HighWatermark, Answer.LastStableOffset, Answer.LogStartOffset) = (-1, -1, -1);
    }
}
