using System.Buffers;
using System.Text;

namespace Carousel.Stages.Progress;

/// <summary>
/// The bytes of a record in the progress topic; docs/formats/stage-progress.md draws them. Reading believes nothing: each length and count is checked
/// against what is left and against what a stage may write, and the offsets of a run are never enumerated.
/// </summary>
internal static class ProgressFormat
{
    private const byte Version = 1;

    /// <summary>Neither a topic's name nor a number holds a slash, so what comes before the last two is the group, whatever it holds.</summary>
    public static byte[] Key(string group, SourcePartition partition) => Encoding.UTF8.GetBytes($"{group}/{partition.Topic}/{partition.Partition}");

    public static byte[] Write(PartitionProgress progress)
    {
        var buffer = new ArrayBufferWriter<byte>(16 + (progress.Done.Count * 4) + (progress.Waiting.Count * 10));
        buffer.Write([Version]);
        WriteNumber(buffer, (progress.WrittenAt - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond);
        WriteNumber(buffer, progress.Base);
        WriteNumber(buffer, progress.Done.Count);
        long position = progress.Base;
        foreach (OffsetRun run in progress.Done)
        {
            WriteNumber(buffer, run.First - position);
            WriteNumber(buffer, run.End - run.First);
            position = run.End;
        }

        WriteNumber(buffer, progress.Waiting.Count);
        position = progress.Base;
        foreach (WaitingRecord waiting in progress.Waiting)
        {
            WriteNumber(buffer, waiting.Offset - position);
            WriteNumber(buffer, waiting.Attempts);
            WriteNumber(buffer, (long)waiting.Delay.TotalMilliseconds);
            WriteNumber(buffer, (long)waiting.Age.TotalMilliseconds);
            position = waiting.Offset;
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">These aren't bytes that a stage of this version writes; the message says why.</exception>
    public static PartitionProgress Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new NumberReader(bytes);
        if (reader.Byte() is var version and not Version)
        {
            throw new InvalidDataException($"version {version}, and this program knows {Version}");
        }

        DateTime writtenAt = DateTime.UnixEpoch.AddMilliseconds(reader.Number(long.MaxValue / TimeSpan.TicksPerMillisecond / 4));
        long first = reader.Number(long.MaxValue);
        OffsetRun[] done = ReadRuns(ref reader, first);
        WaitingRecord[] waiting = ReadWaiting(ref reader, first);
        var progress = new PartitionProgress(first, writtenAt, done, waiting);
        foreach (WaitingRecord record in waiting)
        {
            if (progress.IsDone(record.Offset))
            {
                throw new InvalidDataException($"offset {record.Offset} is both done and waiting");
            }
        }

        reader.End();
        return progress;
    }

    private static OffsetRun[] ReadRuns(ref NumberReader reader, long position)
    {
        var runs = new OffsetRun[reader.Count(bytesEach: 2)];
        long unfinished = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            long gap = reader.Positive(PartitionProgress.UnfinishedMax - unfinished);
            long first = checked(position + Math.Min(gap, long.MaxValue - position));
            long length = reader.Positive(long.MaxValue - first);
            unfinished += gap;
            position = first + length;
            runs[i] = new OffsetRun(first, position);
        }

        return runs;
    }

    private static WaitingRecord[] ReadWaiting(ref NumberReader reader, long position)
    {
        var waiting = new WaitingRecord[reader.Count(bytesEach: 4)];
        for (int i = 0; i < waiting.Length; i++)
        {
            long distance = i == 0 ? reader.Number(long.MaxValue - position) : reader.Positive(long.MaxValue - position);
            position += distance;
            int attempts = (int)reader.Positive(int.MaxValue);
            waiting[i] = new WaitingRecord(position, attempts, reader.Duration(), reader.Duration());
        }

        return waiting;
    }

    /// <summary>Unsigned LEB128, as in Kafka's records but never negative: seven bits a byte, the lowest first, the eighth bit set on all but the last.</summary>
    private static void WriteNumber(ArrayBufferWriter<byte> buffer, long number)
    {
        ulong rest = checked((ulong)number);
        Span<byte> span = buffer.GetSpan(10);
        int length = 0;
        for (; rest >= 0x80; rest >>= 7)
        {
            span[length++] = (byte)(rest | 0x80);
        }

        span[length++] = (byte)rest;
        buffer.Advance(length);
    }
}
