using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Carousel.PaymentSimulator.Ledger;

/// <summary>
/// The bytes of <c>ledger.log</c>; all integers are big-endian, texts are ASCII.
/// <code>
/// file   = header frame*
/// header = "CARLEDG1" (8)  instance (u32)  crc32c of both (u32)
/// frame  = "LFRM" (4)  payload length (u32)  crc32c of length and payload (u32)  payload
/// payload= ( entry length (u16)  entry )+
/// entry  = kind (u8)  at, unix ms (i64)  amount in hundredths (i64)  currency (3)  fingerprint (16)
///          refunded ordinal (u32)  reference (u8 length, bytes)  orderId (same)  detail (same)
/// </code>
/// A frame is one group commit: it is written by one write and followed by one fsync, so only the last frame can ever be torn.
/// A damaged frame with an intact one behind it is therefore damage of the disk and not a torn tail.
/// </summary>
internal static class LedgerFormat
{
    public const int HeaderSize = 16;
    public const int FrameHeaderSize = 12;
    public const int FramePayloadMax = 4 * 1024 * 1024;
    public const int EntrySizeMax = 40 + 3 * 256;
    public const int EntryLengthSize = 2;
    private const int FixedEntrySize = 40;

    public static ReadOnlySpan<byte> FileMarker => "CARLEDG1"u8;

    public static ReadOnlySpan<byte> FrameMarker => "LFRM"u8;

    public static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    public static byte[] Header(uint instance)
    {
        var header = new byte[HeaderSize];
        FileMarker.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), instance);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(12), Crc32C(0, header.AsSpan(0, 12)));
        return header;
    }

    public static bool TryReadHeader(ReadOnlySpan<byte> header, out uint instance)
    {
        instance = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        return header.StartsWith(FileMarker)
            && BinaryPrimitives.ReadUInt32BigEndian(header[12..]) == Crc32C(0, header[..12]);
    }

    /// <summary>Fills in the first <see cref="FrameHeaderSize"/> bytes of <paramref name="frame"/> for the payload behind them.</summary>
    public static void SealFrame(Span<byte> frame)
    {
        FrameMarker.CopyTo(frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame[4..], (uint)(frame.Length - FrameHeaderSize));
        BinaryPrimitives.WriteUInt32BigEndian(frame[8..], FrameCrc(frame[4..8], frame[FrameHeaderSize..]));
    }

    public static uint FrameCrc(ReadOnlySpan<byte> length, ReadOnlySpan<byte> payload) => Crc32C(Crc32C(0, length), payload);

    /// <returns>How many bytes were written, the length prefix included.</returns>
    public static int WriteEntry(Span<byte> target, LedgerEntry entry)
    {
        var body = target[EntryLengthSize..];
        body[0] = (byte)entry.Kind;
        BinaryPrimitives.WriteInt64BigEndian(body[1..], entry.AtUnixMs);
        BinaryPrimitives.WriteInt64BigEndian(body[9..], entry.AmountHundredths);
        Encoding.ASCII.GetBytes(entry.Currency, body.Slice(17, 3));
        BinaryPrimitives.WriteUInt128BigEndian(body[20..], entry.Fingerprint);
        BinaryPrimitives.WriteUInt32BigEndian(body[36..], (uint)entry.RefundedOrdinal);
        var length = FixedEntrySize;
        length += WriteText(body[length..], entry.Reference);
        length += WriteText(body[length..], entry.OrderId);
        length += WriteText(body[length..], entry.Detail);
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)length);
        return EntryLengthSize + length;
    }

    /// <summary>Reads one entry without its length prefix.</summary>
    /// <exception cref="InvalidDataException">The bytes aren't an entry.</exception>
    public static LedgerEntry ReadEntry(ReadOnlySpan<byte> body, int ordinal)
    {
        if (body.Length < FixedEntrySize + 3 || body[0] is < (byte)LedgerEntryKind.Captured or > (byte)LedgerEntryKind.Refunded)
        {
            throw new InvalidDataException($"Entry {ordinal} of the ledger has an unknown kind or is too short.");
        }

        var rest = body[FixedEntrySize..];
        return new LedgerEntry(
            (LedgerEntryKind)body[0],
            ReadText(ref rest, ordinal),
            ReadText(ref rest, ordinal),
            BinaryPrimitives.ReadInt64BigEndian(body[9..]),
            Currency(body.Slice(17, 3)),
            ReadText(ref rest, ordinal),
            BinaryPrimitives.ReadUInt128BigEndian(body[20..]),
            (int)BinaryPrimitives.ReadUInt32BigEndian(body[36..]),
            BinaryPrimitives.ReadInt64BigEndian(body[1..]))
        { Ordinal = ordinal };
    }

    private static int WriteText(Span<byte> target, string text)
    {
        target[0] = (byte)Encoding.ASCII.GetBytes(text, target.Slice(1, Math.Min(255, target.Length - 1)));
        return 1 + target[0];
    }

    private static string ReadText(ref ReadOnlySpan<byte> rest, int ordinal)
    {
        if (rest.Length < 1 || rest.Length < 1 + rest[0])
        {
            throw new InvalidDataException($"Entry {ordinal} of the ledger ends in the middle of a text.");
        }

        var text = Encoding.ASCII.GetString(rest.Slice(1, rest[0]));
        rest = rest[(1 + rest[0])..];
        return text;
    }

    private static string Currency(ReadOnlySpan<byte> code) =>
        code.SequenceEqual("GBP"u8) ? "GBP" : code.SequenceEqual("EUR"u8) ? "EUR" : code.SequenceEqual("USD"u8) ? "USD" : Encoding.ASCII.GetString(code);
}
