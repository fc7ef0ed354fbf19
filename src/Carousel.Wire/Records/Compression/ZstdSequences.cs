namespace Carousel.Wire.Records.Compression;

/// <summary>
/// The sequences of a compressed block: three interleaved state machines give, per sequence, a number of literals, a distance and a length to repeat
/// (RFC 8878, sections 3.1.1.3.2 and 3.1.1.5). Tables and the last three distances are kept from block to block.
/// </summary>
internal sealed class ZstdSequences(DecompressedBytes output)
{
    private const int LiteralLengthAccuracyMax = 9;
    private const int DistanceAccuracyMax = 8;
    private const int MatchLengthAccuracyMax = 9;
    private const int DistanceCodeMax = 31;

    private static readonly FseTable DefaultLiteralLengths = FseTable.Of(
        [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1], accuracyLog: 6);

    private static readonly FseTable DefaultDistances = FseTable.Of(
        [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], accuracyLog: 5);

    private static readonly FseTable DefaultMatchLengths = FseTable.Of(
        [
            1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
        ],
        accuracyLog: 6);

    private readonly int[] _recentDistances = [1, 4, 8];
    private FseTable? _literalLengths;
    private FseTable? _distances;
    private FseTable? _matchLengths;

    /// <summary>Extra bits per code; a code's first value is what the codes before it cover.</summary>
    private static ReadOnlySpan<byte> LiteralLengthBits =>
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    private static ReadOnlySpan<int> LiteralLengthBases =>
        [
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512,
            1024, 2048, 4096, 8192, 16384, 32768, 65536,
        ];

    private static ReadOnlySpan<byte> MatchLengthBits =>
        [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        ];

    private static ReadOnlySpan<int> MatchLengthBases =>
        [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
            35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539,
        ];

    public bool TryDecode(ReadOnlySpan<byte> section, ReadOnlySpan<byte> literals)
    {
        if (!TryReadCount(ref section, out int count))
        {
            return false;
        }

        if (count == 0)
        {
            return section.IsEmpty && output.TryWrite(literals);
        }

        if (section.IsEmpty || (section[0] & 3) != 0)
        {
            return false;
        }

        int modes = section[0];
        section = section[1..];
        return TryReadTable(ref section, modes >> 6, DefaultLiteralLengths, LiteralLengthAccuracyMax, LiteralLengthBits.Length, ref _literalLengths)
            && TryReadTable(ref section, (modes >> 4) & 3, DefaultDistances, DistanceAccuracyMax, DistanceCodeMax + 1, ref _distances)
            && TryReadTable(ref section, (modes >> 2) & 3, DefaultMatchLengths, MatchLengthAccuracyMax, MatchLengthBits.Length, ref _matchLengths)
            && BackwardBits.TryOpen(section, out BackwardBits bits)
            && TryExecute(bits, count, literals);
    }

    private bool TryExecute(BackwardBits bits, int count, ReadOnlySpan<byte> literals)
    {
        uint literalState = bits.Read(_literalLengths!.AccuracyLog);
        uint distanceState = bits.Read(_distances!.AccuracyLog);
        uint matchState = bits.Read(_matchLengths!.AccuracyLog);
        for (int left = count; left > 0; left--)
        {
            int distanceCode = _distances.SymbolOf(distanceState);
            int matchCode = _matchLengths.SymbolOf(matchState);
            int literalCode = _literalLengths.SymbolOf(literalState);
            if (distanceCode >= DistanceCodeMax)
            {
                return false;
            }

            int distanceValue = (1 << distanceCode) + (int)bits.Read(distanceCode);
            int matchLength = MatchLengthBases[matchCode] + (int)bits.Read(MatchLengthBits[matchCode]);
            int literalLength = LiteralLengthBases[literalCode] + (int)bits.Read(LiteralLengthBits[literalCode]);
            if (literalLength > literals.Length || !output.TryWrite(literals[..literalLength]))
            {
                return false;
            }

            literals = literals[literalLength..];
            if (!output.TryCopy(TakeDistance(distanceValue, literalLength == 0), matchLength))
            {
                return false;
            }

            if (left > 1)
            {
                literalState = _literalLengths.Next(literalState, ref bits);
                matchState = _matchLengths.Next(matchState, ref bits);
                distanceState = _distances.Next(distanceState, ref bits);
            }
        }

        return bits.BitsLeft == 0 && output.TryWrite(literals);
    }

    /// <summary>The values 1 to 3 mean one of the last three distances, counted one further where no literals come before.</summary>
    private int TakeDistance(int value, bool isWithoutLiterals)
    {
        int[] recent = _recentDistances;
        int index = value > 3 ? 3 : value - 1 + (isWithoutLiterals ? 1 : 0);
        int distance = value > 3 ? value - 3 : index == 3 ? recent[0] - 1 : recent[index];
        if (index >= 2)
        {
            recent[2] = recent[1];
        }

        if (index >= 1)
        {
            recent[1] = recent[0];
        }

        recent[0] = distance;
        return distance;
    }

    private static bool TryReadCount(ref ReadOnlySpan<byte> left, out int count)
    {
        count = left.IsEmpty ? 0 : left[0];
        int size = count switch { < 128 => 1, < 255 => 2, _ => 3 };
        if (left.Length < size)
        {
            return false;
        }

        count = size switch { 1 => count, 2 => ((count - 128) << 8) + left[1], _ => left[1] + (left[2] << 8) + 0x7F00 };
        left = left[size..];
        return true;
    }

    private static bool TryReadTable(
        ref ReadOnlySpan<byte> left, int mode, FseTable standard, int accuracyMax, int symbolCountMax, ref FseTable? table)
    {
        switch (mode)
        {
            case 0:
                table = standard;
                return true;
            case 1:
                bool isKnown = !left.IsEmpty && left[0] < symbolCountMax;
                table = isKnown ? FseTable.OfOne(left[0]) : null;
                left = isKnown ? left[1..] : left;
                return isKnown;
            case 2:
                return FseTable.TryRead(ref left, accuracyMax, symbolCountMax, out table);
            default:
                return table is not null;
        }
    }
}
