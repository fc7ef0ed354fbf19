namespace Carousel.Stages.Progress;

/// <summary>Reads the numbers of <see cref="ProgressFormat"/>, each with the limit it has.</summary>
internal ref struct NumberReader(ReadOnlySpan<byte> bytes)
{
    private const int BytesMax = 9;
    private static readonly long MillisecondsMax = (long)TimeSpan.FromDays(3_650).TotalMilliseconds;
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public byte Byte() => _position < _bytes.Length ? _bytes[_position++] : throw new InvalidDataException($"it ends at byte {_position}");

    /// <summary>A number from 0 to the limit. 63 bits take nine bytes, so a tenth is never right.</summary>
    public long Number(long max)
    {
        int start = _position;
        long number = 0;
        for (int shift = 0; shift < BytesMax * 7; shift += 7)
        {
            byte next = Byte();
            number |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number <= max ? number : throw new InvalidDataException($"{number} at byte {start}, where at most {max} can be");
            }
        }

        throw new InvalidDataException($"a number of more than {BytesMax} bytes at byte {start}");
    }

    public long Positive(long max)
    {
        int start = _position;
        return Number(max) is > 0 and var number ? number : throw new InvalidDataException($"0 at byte {start}, where there must be something");
    }

    /// <summary>A number of things that follow, which take so many bytes each at least: more than can be in what is left is refused before it allocates.</summary>
    public int Count(int bytesEach)
    {
        int start = _position;
        long count = Number(PartitionProgress.UnfinishedMax);
        return count <= (_bytes.Length - _position) / bytesEach
            ? (int)count
            : throw new InvalidDataException($"{count} entries announced at byte {start}, and {_bytes.Length - _position} bytes left");
    }

    public TimeSpan Duration() => TimeSpan.FromMilliseconds(Number(MillisecondsMax));

    public readonly void End()
    {
        if (_position < _bytes.Length)
        {
            throw new InvalidDataException($"{_bytes.Length - _position} bytes after its end");
        }
    }
}
