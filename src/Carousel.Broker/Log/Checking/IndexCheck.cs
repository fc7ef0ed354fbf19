using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// Compares a segment's index files with its batches, as those are walked. A start either uses all of the files or makes all of them anew, so what matters
/// of a difference is whether the start sees it too.
/// </summary>
internal sealed class IndexCheck : IDisposable
{
    private const string MadeAnew = "The start makes the segment's indexes anew.";
    private const string StaysSo = "The start doesn't see it; remove the segment's .index, and the next start makes all its indexes anew.";

    private readonly List<LogFinding> _findings;
    private readonly string _directory;
    private readonly long _baseOffset;
    private readonly SegmentIndexes _indexes;
    private readonly bool _hasOffsets;
    private readonly bool _hasTimes;
    private readonly HashSet<(long ProducerId, long Offset)> _aborted = [];
    private readonly Dictionary<long, long> _maxTimestamps = [];
    private int _nextOffsetEntry;

    public IndexCheck(IFileSystem files, string directory, IFile log, long baseOffset, List<LogFinding> findings)
    {
        (_findings, _directory, _baseOffset) = (findings, directory, baseOffset);
        _indexes = new SegmentIndexes(files, directory, baseOffset, suffix: "");
        IsUsable = log.Length == 0 || _indexes.TryUseFiles(log);
        _hasOffsets = _indexes.Offsets.TryUseFile();
        _hasTimes = _indexes.Times.TryUseFile();
        if (!_indexes.Aborts.TryLoad(baseOffset))
        {
            _indexes.Aborts.Reset();
        }
    }

    /// <summary>What a start after a clean stop finds: it takes the segment by these files. Otherwise it walks the segment and makes them anew.</summary>
    public bool IsUsable { get; }

    /// <summary>The last entry of the offset index; the log's beginning where there is none.</summary>
    public int LastPosition => _hasOffsets && _indexes.Offsets.Count > 0 ? _indexes.Offsets.EntryAt(_indexes.Offsets.Count - 1).Position : 0;

    /// <param name="aborted">The transaction that the batch, a marker, ended; null for none, and where it isn't known.</param>
    public void Take(ReadOnlySpan<byte> batch, int position, AbortedTransaction? aborted)
    {
        var header = new RecordBatchHeader(batch);
        _maxTimestamps[header.LastOffset - _baseOffset] = header.MaxTimestamp;
        if (header.IsControl && ControlRecord.TryRead(batch, out ControlRecord marker) && !marker.IsCommit)
        {
            _aborted.Add((header.ProducerId, header.BaseOffset));
        }

        if (aborted is { } transaction && !Contains(transaction))
        {
            Say(
                SegmentFiles.TransactionIndex,
                -1,
                $"The transaction of producer {transaction.ProducerId} that was aborted at offset {transaction.LastOffset} isn't in it, so readers of committed records see it.",
                FindingSeverity.Damage);
        }

        TakeOffset(header, position);
    }

    /// <param name="isComplete">All batches were seen, so the indexes must be there in full.</param>
    public void Finish(bool isComplete)
    {
        if (isComplete && !IsUsable)
        {
            SayUnusable();
            return;
        }

        if (isComplete && _hasOffsets && _nextOffsetEntry < _indexes.Offsets.Count)
        {
            Say(SegmentFiles.OffsetIndex, (long)_nextOffsetEntry * OffsetIndex.EntrySize, "The entry leads behind the last batch.");
        }

        for (int index = 0; _hasTimes && index < _indexes.Times.Count; index++)
        {
            TimeIndexEntry entry = _indexes.Times.EntryAt(index);
            bool isKnown = _maxTimestamps.TryGetValue(entry.RelativeOffset, out long timestamp);
            if ((isKnown || isComplete) && timestamp != entry.Timestamp)
            {
                Say(
                    SegmentFiles.TimeIndex,
                    (long)index * TimeIndex.EntrySize,
                    $"The entry says {entry.Timestamp} of the batch that ends at offset {_baseOffset + entry.RelativeOffset}, so looking for offsets by time goes wrong.");
                break;
            }
        }

        foreach (AbortedTransaction aborted in _indexes.Aborts.Entries)
        {
            if (isComplete && !_aborted.Contains((aborted.ProducerId, aborted.LastOffset)))
            {
                Say(
                    SegmentFiles.TransactionIndex,
                    -1,
                    $"There is no abort marker of producer {aborted.ProducerId} at offset {aborted.LastOffset}, so readers of committed records may miss some.",
                    FindingSeverity.Damage);
            }
        }
    }

    public void Dispose() => _indexes.Dispose();

    private bool Contains(AbortedTransaction transaction)
    {
        foreach (AbortedTransaction entry in _indexes.Aborts.Entries)
        {
            if (entry.ProducerId == transaction.ProducerId && entry.LastOffset == transaction.LastOffset)
            {
                return true;
            }
        }

        return false;
    }

    private void TakeOffset(RecordBatchHeader header, int position)
    {
        if (!_hasOffsets || _nextOffsetEntry >= _indexes.Offsets.Count)
        {
            return;
        }

        (int relativeOffset, int indexed) = _indexes.Offsets.EntryAt(_nextOffsetEntry);
        if (indexed < position || (indexed == position && relativeOffset != header.LastOffset - _baseOffset))
        {
            Say(
                SegmentFiles.OffsetIndex,
                (long)_nextOffsetEntry * OffsetIndex.EntrySize,
                $"The entry leads to byte {indexed}, where the batch that ends at offset {_baseOffset + relativeOffset} doesn't begin.");
            _nextOffsetEntry = _indexes.Offsets.Count;
        }
        else if (indexed == position)
        {
            _nextOffsetEntry++;
        }
    }

    private void SayUnusable()
    {
        (string kind, string problem) =
            !_hasOffsets ? (SegmentFiles.OffsetIndex, "The file is missing, or its last entry is torn.")
            : !_hasTimes ? (SegmentFiles.TimeIndex, "The file is missing, or its last entry is torn.")
            : !_indexes.Aborts.TryLoad(_baseOffset) ? (SegmentFiles.TransactionIndex, "The entries aren't in order, or the last one is torn.")
            : (SegmentFiles.OffsetIndex, "The last entry leads to no batch of the log.");
        Say(kind, -1, problem);
    }

    /// <param name="severity">If the start doesn't make it anew.</param>
    private void Say(string kind, long position, string problem, FindingSeverity severity = FindingSeverity.Repairable)
    {
        string path = SegmentFiles.PathOf(_directory, _baseOffset, kind);
        _findings.Add(IsUsable ? new(severity, path, position, problem, StaysSo) : new(FindingSeverity.Repairable, path, position, problem, MadeAnew));
    }
}
