using System.Buffers.Binary;
using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>
/// The offset below which the partition was flushed, rewritten after every flush but flushed itself only now and then: <c>offset i64 | crc32c u32 of it</c>.
/// A killed process leaves it exact, because the operating system has it; a power loss may leave an older one. It never says more than is on disk, so
/// recovery knows what was promised: a broken batch below is damage, above it's a write that was never answered.
/// </summary>
internal sealed class FlushedOffsetFile(IFileSystem files, string directory) : IDisposable
{
    private const int Size = 12;
    private readonly string _path = Path.Combine(directory, SegmentFiles.FlushedOffset);
    private IFile? _file;

    /// <summary>0 where the file is missing or torn.</summary>
    public static long Read(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, SegmentFiles.FlushedOffset);
        if (!files.FileExists(path))
        {
            return 0;
        }

        ReadOnlySpan<byte> bytes = SmallFile.Read(files, path);
        return bytes.Length == Size && BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) == Crc32C.Compute(bytes[..8])
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : 0;
    }

    public void Write(long offset)
    {
        _file ??= files.Open(_path, FileAccessKind.ReadWrite);
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, offset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Crc32C.Compute(bytes[..8]));
        _file.Write(bytes, 0);
    }

    public void Sync() => _file?.SyncData();

    public void Dispose() => _file?.Dispose();
}
