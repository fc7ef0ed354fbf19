using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Carousel.PaymentSimulator.Ledger;

/// <summary>
/// The append-only file under the ledger (format: <see cref="LedgerFormat"/>) and the lock that keeps a second process out.
/// One thread appends; any thread reads entries that an append has returned for.
/// </summary>
internal sealed partial class LedgerFile : IDisposable
{
    public const string FileName = "ledger.log";
    public const string LockName = "ledger.lock";
    private readonly SafeFileHandle _file;
    private readonly FileStream _lock;
    private readonly ILogger _logger;
    private readonly List<long> _offsets = [];
    private long _end;

    private LedgerFile(SafeFileHandle file, FileStream @lock, ILogger logger)
    {
        _file = file;
        _lock = @lock;
        _logger = logger;
    }

    public uint Instance { get; private set; }

    public int Count
    {
        get
        {
            lock (_offsets)
            {
                return _offsets.Count;
            }
        }
    }

    /// <summary>Opens or makes the ledger, cuts a torn tail, and shows every entry in order to <paramref name="onEntry"/>.</summary>
    /// <exception cref="PaymentSimulatorException">In use by another process, not a ledger, or damaged before its end.</exception>
    public static LedgerFile Open(string directory, ILogger logger, Action<LedgerEntry> onEntry)
    {
        Directory.CreateDirectory(directory);
        var @lock = Lock(directory);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            var file = new LedgerFile(handle, @lock, logger);
            file.Recover(Path.Combine(directory, FileName), onEntry);
            return file;
        }
        catch
        {
            handle?.Dispose();
            @lock.Dispose();
            throw;
        }
    }

    /// <summary>Writes one sealed frame and waits until it is on disk. <paramref name="entryOffsets"/> are relative to the frame.</summary>
    public void Append(ReadOnlySpan<byte> frame, IReadOnlyList<int> entryOffsets)
    {
        RandomAccess.Write(_file, frame, _end);
        RandomAccess.FlushToDisk(_file);
        lock (_offsets)
        {
            foreach (var offset in entryOffsets)
            {
                _offsets.Add(_end + offset);
            }
        }

        _end += frame.Length;
    }

    public LedgerEntry Read(int ordinal)
    {
        long offset;
        lock (_offsets)
        {
            offset = _offsets[ordinal];
        }

        Span<byte> bytes = stackalloc byte[LedgerFormat.EntryLengthSize + LedgerFormat.EntrySizeMax];
        var read = RandomAccess.Read(_file, bytes, offset);
        var length = read < LedgerFormat.EntryLengthSize ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (length > read - LedgerFormat.EntryLengthSize)
        {
            throw new PaymentSimulatorException(
                $"Entry {ordinal} of the ledger can't be read back at byte {offset}: was {FileName} cut while the simulator ran?");
        }

        return LedgerFormat.ReadEntry(bytes.Slice(LedgerFormat.EntryLengthSize, length), ordinal);
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new PaymentSimulatorException(
                $"The ledger in '{directory}' is in use by another payment simulator: stop that one, or choose another directory with --data.", e);
        }
    }

    private void Recover(string path, Action<LedgerEntry> onEntry)
    {
        var length = RandomAccess.GetLength(_file);
        if (length < LedgerFormat.HeaderSize)
        {
            // Nothing was ever answered out of a ledger whose header isn't whole, so it may be made anew.
            CutTail(path, length, 0);
            Instance = BinaryPrimitives.ReadUInt32BigEndian(RandomNumberGenerator.GetBytes(4));
            RandomAccess.Write(_file, LedgerFormat.Header(Instance), 0);
            _end = LedgerFormat.HeaderSize;
        }
        else
        {
            Span<byte> header = stackalloc byte[LedgerFormat.HeaderSize];
            RandomAccess.Read(_file, header, 0);
            if (!LedgerFormat.TryReadHeader(header, out var instance))
            {
                throw new PaymentSimulatorException($"'{path}' doesn't begin like a payment ledger: move it away, or choose another directory with --data.");
            }

            Instance = instance;
            _end = RecoverFrames(path, length, onEntry);
        }

        // What survived the process may not have survived the machine yet; from here on it will be answered from.
        RandomAccess.FlushToDisk(_file);
    }

    private long RecoverFrames(string path, long length, Action<LedgerEntry> onEntry)
    {
        long at = LedgerFormat.HeaderSize;
        var buffer = new byte[LedgerFormat.FrameHeaderSize + LedgerFormat.FramePayloadMax];
        while (at < length)
        {
            var size = ReadFrame(at, buffer);
            if (size == 0)
            {
                CutTail(path, length, at);
                break;
            }

            TakeEntries(buffer.AsSpan(0, size), at, onEntry);
            at += size;
        }

        return at;
    }

    /// <returns>The size of the intact frame at <paramref name="at"/>, or 0.</returns>
    private int ReadFrame(long at, byte[] buffer)
    {
        var header = buffer.AsSpan(0, LedgerFormat.FrameHeaderSize);
        if (ReadFull(header, at) < header.Length || !header.StartsWith(LedgerFormat.FrameMarker))
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        if (length is 0 or > LedgerFormat.FramePayloadMax)
        {
            return 0;
        }

        var payload = buffer.AsSpan(LedgerFormat.FrameHeaderSize, (int)length);
        return ReadFull(payload, at + LedgerFormat.FrameHeaderSize) == payload.Length
            && LedgerFormat.FrameCrc(header[4..8], payload) == BinaryPrimitives.ReadUInt32BigEndian(header[8..])
            ? LedgerFormat.FrameHeaderSize + (int)length
            : 0;
    }

    private int ReadFull(Span<byte> target, long at)
    {
        var total = 0;
        while (total < target.Length)
        {
            var read = RandomAccess.Read(_file, target[total..], at + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    private void TakeEntries(ReadOnlySpan<byte> frame, long frameOffset, Action<LedgerEntry> onEntry)
    {
        var at = LedgerFormat.FrameHeaderSize;
        while (at < frame.Length)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
            var entry = LedgerFormat.ReadEntry(frame.Slice(at + LedgerFormat.EntryLengthSize, length), _offsets.Count);
            _offsets.Add(frameOffset + at);
            onEntry(entry);
            at += LedgerFormat.EntryLengthSize + length;
        }
    }

    private void CutTail(string path, long length, long at)
    {
        if (length == at)
        {
            return;
        }

        if (FindIntactFrameAfter(at) is { } intact)
        {
            throw new PaymentSimulatorException(
                $"'{path}' is damaged at byte {at}, before intact entries at byte {intact}: this isn't a torn tail, and cutting it would forget charges. Restore the file from a copy.");
        }

        RandomAccess.SetLength(_file, at);
        LogTailCut(path, at, length - at);
    }

    private long? FindIntactFrameAfter(long at)
    {
        var window = new byte[64 * 1024];
        var frame = new byte[LedgerFormat.FrameHeaderSize + LedgerFormat.FramePayloadMax];
        for (var from = at + 1; ;)
        {
            var read = ReadFull(window, from);
            var hit = window.AsSpan(0, read).IndexOf(LedgerFormat.FrameMarker);
            if (hit >= 0)
            {
                if (ReadFrame(from + hit, frame) > 0)
                {
                    return from + hit;
                }

                from += hit + 1;
            }
            else if (read < window.Length)
            {
                return null;
            }
            else
            {
                // A marker may lie across the border of two windows.
                from += read - LedgerFormat.FrameMarker.Length + 1;
            }
        }
    }
}
