using System.Buffers.Binary;
using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// Producer states at an offset, in two files of the same shape: <c>version i16 | crc32c u32 of what follows | count i32 | entries</c>.
/// <c>.snapshot</c> is Kafka's (version 1), for its tools; an entry keeps the last batch:
/// <code>producerId i64 | epoch i16 | lastSequence i32 | lastOffset i64 | offsetDelta i32 | timestamp i64 | coordinatorEpoch i32 | transactionFirstOffset i64</code>
/// <c>.producers</c> is ours (version 1), so that a batch sent again after a restart is recognised whichever of the last five it is:
/// <code>producerId i64 | epoch i16 | coordinatorEpoch i32 | lastTimestamp i64 | transactionFirstOffset i64 | batchCount i8 |
/// (lastSequence i32 | lastOffset i64 | offsetDelta i32 | timestamp i64) × batchCount, oldest first</code>
/// </summary>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int CrcAt = 2;
    private const int CountAt = 6;
    private const int EntriesAt = 10;

    /// <summary>Writes both files; durable after <see cref="Sync"/>.</summary>
    public static void Write(IFileSystem files, string directory, ProducerStates states)
    {
        WriteFile(files, SegmentFiles.PathOf(directory, states.NextOffset, SegmentFiles.Snapshot), states, WriteKafkaEntry);
        WriteFile(files, SegmentFiles.PathOf(directory, states.NextOffset, SegmentFiles.Producers), states, WriteEntry);
    }

    public static void Sync(IFileSystem files, string directory, long offset)
    {
        foreach (string kind in (string[])[SegmentFiles.Snapshot, SegmentFiles.Producers])
        {
            string path = SegmentFiles.PathOf(directory, offset, kind);
            if (files.FileExists(path))
            {
                using IFile file = files.Open(path, FileAccessKind.ReadWrite);
                file.SyncData();
            }
        }
    }

    public static void Delete(IFileSystem files, string directory, long offset)
    {
        files.DeleteFile(SegmentFiles.PathOf(directory, offset, SegmentFiles.Snapshot));
        files.DeleteFile(SegmentFiles.PathOf(directory, offset, SegmentFiles.Producers));
    }

    /// <summary>Reads our file, or Kafka's where ours is missing or broken. Null where neither can be used.</summary>
    public static ProducerStates? TryRead(IFileSystem files, string directory, long offset, long now) =>
        TryRead(files, SegmentFiles.PathOf(directory, offset, SegmentFiles.Producers), offset, now, ReadEntry)
        ?? TryRead(files, SegmentFiles.PathOf(directory, offset, SegmentFiles.Snapshot), offset, now, ReadKafkaEntry);

    /// <summary>What is wrong with a file of either kind; null if nothing.</summary>
    public static string? ProblemOf(IFileSystem files, string path, long offset)
    {
        EntryReader read = path.EndsWith(SegmentFiles.Producers, StringComparison.Ordinal) ? ReadEntry : ReadKafkaEntry;
        return TryRead(files, path, offset, now: 0, read) is null ? "the snapshot's version, checksum or length is wrong" : null;
    }

    private static void WriteFile(IFileSystem files, string path, ProducerStates states, Action<SnapshotWriter, ProducerState> writeEntry)
    {
        var writer = new SnapshotWriter();
        writer.Short(Version);
        writer.Int(0);
        writer.Int(states.All.Count);
        foreach (ProducerState state in states.All)
        {
            writeEntry(writer, state);
        }

        byte[] bytes = writer.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CrcAt), Crc32C.Compute(bytes.AsSpan(CountAt)));
        using IFile file = files.Open(path, FileAccessKind.Create);
        file.Write(bytes, 0);
    }

    private static void WriteKafkaEntry(SnapshotWriter writer, ProducerState state)
    {
        writer.Long(state.ProducerId);
        writer.Short(state.Epoch);
        writer.Int(state.LastSequence);
        writer.Long(state.LastDataOffset);
        writer.Int(state.Batches.Count == 0 ? 0 : state.Batches.Last.OffsetDelta);
        writer.Long(state.LastTimestamp);
        writer.Int(state.CoordinatorEpoch);
        writer.Long(state.TransactionFirstOffset);
    }

    private static void WriteEntry(SnapshotWriter writer, ProducerState state)
    {
        writer.Long(state.ProducerId);
        writer.Short(state.Epoch);
        writer.Int(state.CoordinatorEpoch);
        writer.Long(state.LastTimestamp);
        writer.Long(state.TransactionFirstOffset);
        writer.Byte((byte)state.Batches.Count);
        for (int index = 0; index < state.Batches.Count; index++)
        {
            WriteBatch(writer, state.Batches[index]);
        }
    }

    private static void WriteBatch(SnapshotWriter writer, ProducerBatch batch)
    {
        writer.Int(batch.LastSequence);
        writer.Long(batch.LastOffset);
        writer.Int(batch.OffsetDelta);
        writer.Long(batch.Timestamp);
    }

    private delegate ProducerState EntryReader(ref SnapshotReader reader);

    private static ProducerStates? TryRead(IFileSystem files, string path, long offset, long now, EntryReader readEntry)
    {
        if (!files.FileExists(path))
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = SmallFile.Read(files, path);
        if (bytes.Length < EntriesAt
            || BinaryPrimitives.ReadInt16BigEndian(bytes) != Version
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcAt..]) != Crc32C.Compute(bytes[CountAt..]))
        {
            return null;
        }

        var states = new ProducerStates { NextOffset = offset };
        var reader = new SnapshotReader(bytes[EntriesAt..]);
        for (int left = BinaryPrimitives.ReadInt32BigEndian(bytes[CountAt..]); left > 0 && reader.IsSound; left--)
        {
            states.Restore(readEntry(ref reader), now);
        }

        return reader.IsAtEnd ? states : null;
    }

    private static ProducerState ReadKafkaEntry(ref SnapshotReader reader)
    {
        var state = new ProducerState(reader.Long());
        short epoch = reader.Short();
        var batch = new ProducerBatch(reader.Int(), reader.Long(), reader.Int(), reader.Long());
        int coordinatorEpoch = reader.Int();
        ReadOnlySpan<ProducerBatch> batches = batch.LastOffset < 0 ? [] : [batch];
        state.Restore(epoch, coordinatorEpoch, batch.Timestamp, reader.Long(), batches);
        return state;
    }

    private static ProducerState ReadEntry(ref SnapshotReader reader)
    {
        var state = new ProducerState(reader.Long());
        short epoch = reader.Short();
        int coordinatorEpoch = reader.Int();
        long lastTimestamp = reader.Long();
        long transactionFirstOffset = reader.Long();
        var batches = new ProducerBatch[Math.Min(reader.Byte(), (byte)ProducerBatches.Capacity)];
        for (int index = 0; index < batches.Length; index++)
        {
            batches[index] = new(reader.Int(), reader.Long(), reader.Int(), reader.Long());
        }

        state.Restore(epoch, coordinatorEpoch, lastTimestamp, transactionFirstOffset, batches);
        return state;
    }
}
