namespace Carousel.Wire.Tests.Messages;

/// <summary>Ways to break a frame.</summary>
internal static class Mutations
{
    private delegate byte[] Mutation(byte[] frame, Random random);

    private static readonly Mutation[] All = [Noise, FlipBytes, Truncate, HugeLength, Splice, Extend];

    /// <summary>A broken copy of the frame; now and then one that is sound all the same.</summary>
    public static byte[] Next(byte[] frame, Random random) => All[random.Next(All.Length)](frame, random);

    private static byte[] Noise(byte[] frame, Random random)
    {
        byte[] noise = new byte[random.Next(64)];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] FlipBytes(byte[] frame, Random random)
    {
        byte[] mutant = [.. frame];
        for (int flips = random.Next(1, 4); flips > 0 && mutant.Length > 0; flips--)
        {
            mutant[random.Next(mutant.Length)] ^= (byte)random.Next(1, 256);
        }

        return mutant;
    }

    private static byte[] Truncate(byte[] frame, Random random) => frame[..random.Next(frame.Length + 1)];

    /// <summary>A length or count far beyond the end, or below zero, somewhere.</summary>
    private static byte[] HugeLength(byte[] frame, Random random)
    {
        byte[][] lengths = [[0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFE], [0x80, 0, 0, 0], [0x7F, 0xFF], [0, 0x0F, 0xFF, 0xFF]];
        byte[] mutant = [.. frame];
        byte[] length = lengths[random.Next(lengths.Length)];
        if (mutant.Length >= length.Length)
        {
            length.CopyTo(mutant, random.Next(mutant.Length - length.Length + 1));
        }

        return mutant;
    }

    private static byte[] Splice(byte[] frame, Random random)
    {
        int from = random.Next(frame.Length + 1);
        int to = random.Next(frame.Length + 1);
        return [.. frame[..from], .. frame[to..]];
    }

    private static byte[] Extend(byte[] frame, Random random) => [.. frame, .. Noise(frame, random)];
}
