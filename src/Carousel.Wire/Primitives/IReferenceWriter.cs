using System.Buffers;

namespace Carousel.Wire;

/// <summary>An output that can send bytes from where they lie, so that record batches aren't copied into the message around them.</summary>
public interface IReferenceWriter : IBufferWriter<byte>
{
    /// <summary>Takes the bytes behind what was written so far. They stay as they are until the output has been sent.</summary>
    void WriteReference(ReadOnlyMemory<byte> bytes);
}
