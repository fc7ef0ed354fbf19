using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>Compares a segment's index files with its batches, as those are walked.</summary>
internal sealed class IndexCheck
{
    private const string MadeAnew = "Remove the file: the next start makes it anew.";

    private readonly List<LogFinding> _findings;
    private readonly long _baseOffset;
    private readonly OffsetIndex? _offsets;
    private readonly TimeIndex? _times;
    private readonly TransactionIndex _aborts;
    private readonly string _offsetsPath;
    private readonly string _timesPath;
    private readonly string _abortsPath;
    private readonly HashSet<(long ProducerId, long Offset)> _abortMarkers = [];
    private readonly Dictionary<long, long> _maxTimestamps = [];
    private int _nextOffsetEntry;

    public IndexCheck(IFileSystem files, string directory, long baseOffset, List<LogFinding> findings)
    {
        (_findings, _baseOffset) = (findings, baseOffset);
        _offsetsPath = SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.OffsetIndex);
        _timesPath = SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.TimeIndex);
        _abortsPath = SegmentFiles.PathOf(directory, baseOffset, SegmentFiles.TransactionIndex);
        var offsets = new OffsetIndex(files, _offsetsPath);
        var times = new TimeIndex(files, _timesPath);
        _offsets = offsets.TryUseFile() ? offsets : Missing(files, _offsetsPath, offsets);
        _times = times.TryUseFile() ? times : Missing(files, _timesPath, times);
        _aborts = new TransactionIndex(files, _abortsPath);
        if (!_aborts.TryLoad(baseOffset))
        {
            Say(_abortsPath, -1, "The entries aren't in order, or the last one is torn.");
        }
    }

    public void Take(ReadOnlySpan<byte> batch, int position)
    {
        var header = new RecordBatchHeader(batch);
        _maxTimestamps[header.LastOffset - _baseOffset] = header.MaxTimestamp;
        if (header.IsControl && ControlRecord.TryRead(batch, out ControlRecord marker) && !marker.IsCommit)
        {
            _abortMarkers.Add((header.ProducerId, header.BaseOffset));
        }

        if (_offsets is null || _nextOffsetEntry == _offsets.Count)
        {
            return;
        }

        (int relativeOffset, int indexed) = _offsets.EntryAt(_nextOffsetEntry);
        if (indexed < position || (indexed == position && relativeOffset != header.LastOffset - _baseOffset))
        {
            Say(_offsetsPath, (long)_nextOffsetEntry * OffsetIndex.EntrySize, $"The entry leads to byte {indexed}, where the batch that ends at offset {_baseOffset + relativeOffset} doesn't begin.");
            _nextOffsetEntry = _offsets.Count;
        }
        else if (indexed == position)
        {
            _nextOffsetEntry++;
        }
    }

    /// <param name="isComplete">All batches were seen, and the segment has ended: its indexes must be there in full.</param>
    public void Finish(bool isComplete)
    {
        if (isComplete && _offsets is not null && _nextOffsetEntry < _offsets.Count)
        {
            Say(_offsetsPath, (long)_nextOffsetEntry * OffsetIndex.EntrySize, "The entry leads behind the last batch.");
        }

        for (int index = 0; _times is not null && index < _times.Count; index++)
        {
            TimeIndexEntry entry = _times.EntryAt(index);
            bool isKnown = _maxTimestamps.TryGetValue(entry.RelativeOffset, out long timestamp);
            if ((isKnown || isComplete) && timestamp != entry.Timestamp)
            {
                Say(_timesPath, (long)index * TimeIndex.EntrySize, $"The entry says {entry.Timestamp} of the batch that ends at offset {_baseOffset + entry.RelativeOffset}.");
                break;
            }
        }

        foreach (AbortedTransaction aborted in _aborts.Entries)
        {
            if (isComplete && !_abortMarkers.Contains((aborted.ProducerId, aborted.LastOffset)))
            {
                Say(_abortsPath, -1, $"There is no abort marker of producer {aborted.ProducerId} at offset {aborted.LastOffset}.");
            }
        }

        _offsets?.Dispose();
        _times?.Dispose();
    }

    private T? Missing<T>(IFileSystem files, string path, T index)
        where T : class, IDisposable
    {
        if (files.FileExists(path))
        {
            Say(path, -1, "The last entry is torn.");
        }

        index.Dispose();
        return null;
    }

    private void Say(string path, long position, string problem) => _findings.Add(new(FindingSeverity.Repairable, path, position, problem, MadeAnew));
}
