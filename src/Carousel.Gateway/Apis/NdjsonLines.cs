using System.Buffers;
using System.IO.Pipelines;

namespace Carousel.Gateway.Apis;

/// <summary>One line of an NDJSON stream; <see cref="TooLong"/> lines come without their text.</summary>
internal readonly record struct NdjsonLine(ReadOnlyMemory<byte> Text, bool TooLong);

/// <summary>
/// Cuts a stream into lines, holding no more than one in memory; what is longer than allowed is passed over up to its end. Blank lines are lines too,
/// so that numbers agree with an editor's. A line's text is valid until the next call.
/// </summary>
internal sealed class NdjsonLines(PipeReader reader, int lineBytesMax)
{
    private byte[] _copy = [];

    // How far the current line was searched already, so that a line that comes in drops isn't searched again and again.
    private long _searched;

    /// <summary>The next line, or null at the end.</summary>
    public async ValueTask<NdjsonLine?> NextAsync(CancellationToken cancellationToken)
    {
        bool tooLong = false;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.Slice(Math.Min(_searched, buffer.Length)).PositionOf((byte)'\n') is { } end)
            {
                return Take(buffer.Slice(0, end), buffer.GetPosition(1, end), tooLong);
            }

            if (result.IsCompleted)
            {
                return buffer.IsEmpty && !tooLong ? null : Take(buffer, buffer.End, tooLong);
            }

            if (tooLong || buffer.Length > lineBytesMax)
            {
                tooLong = true;
                _searched = 0;
                reader.AdvanceTo(buffer.End);
            }
            else
            {
                _searched = buffer.Length;
                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private NdjsonLine Take(ReadOnlySequence<byte> line, SequencePosition next, bool tooLong)
    {
        tooLong |= line.Length > lineBytesMax;
        ReadOnlyMemory<byte> text = tooLong ? default : Copy(line);
        _searched = 0;
        reader.AdvanceTo(next);
        return new NdjsonLine(text, tooLong);
    }

    private Memory<byte> Copy(ReadOnlySequence<byte> line)
    {
        int length = (int)line.Length;
        if (_copy.Length < length)
        {
            _copy = new byte[Math.Max(length, Math.Min(2 * _copy.Length, lineBytesMax))];
        }

        line.CopyTo(_copy);
        return _copy.AsMemory(0, length);
    }
}
