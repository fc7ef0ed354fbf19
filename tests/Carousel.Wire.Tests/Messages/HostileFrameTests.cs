namespace Carousel.Wire.Tests.Messages;

/// <summary>Frames that nobody sound would send, to every message in every version.</summary>
public sealed class HostileFrameTests
{
    private const int FramesTotal = 1_000_000;

    /// <summary>The dearest bytes are empty structures, a few bytes each and an object with its arrays; the rest is an exception and its message.</summary>
    private const int AllocatedPerFrameByteMax = 200;
    private const int AllocatedPerFrameMax = 16 * 1024;

    [Fact]
    public void A_million_broken_frames_end_in_a_message_or_in_a_format_error_and_never_in_much_memory()
    {
        int perVersion = (FramesTotal / MessageKinds.All.Sum(kind => kind.Versions.Count())) + 1;
        int frames = 0;
        foreach (MessageKind kind in MessageKinds.All)
        {
            foreach (short version in kind.Versions)
            {
                frames += Attack(kind, version, perVersion);
            }
        }

        Assert.True(frames >= FramesTotal, $"Only {frames} frames were read.");
    }

    private static int Attack(MessageKind kind, short version, int frames)
    {
        const int MutantsPerMessage = 40;
        var random = new Random((kind.Name.Length * 1000) + version);
        byte[] sound = [];
        for (int i = 0; i < frames; i++)
        {
            sound = i % MutantsPerMessage == 0 ? kind.Write(kind.Random(version, random), version) : sound;
            byte[] frame = Mutations.Next(sound, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                kind.Read(frame, version);
            }
            catch (WireFormatException)
            {
                // The one way to refuse.
            }
            catch (Exception e)
            {
                Assert.Fail($"{kind.Name} v{version} read {Convert.ToHexString(frame)}: {e}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            long allowed = AllocatedPerFrameMax + ((long)AllocatedPerFrameByteMax * frame.Length);
            Assert.True(allocated <= allowed, $"{kind.Name} v{version}: {frame.Length} bytes made it allocate {allocated}: {Convert.ToHexString(frame)}");
        }

        return frames;
    }
}
