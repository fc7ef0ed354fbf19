using System.Buffers.Binary;
using Carousel.Wire.Records;

namespace Carousel.Broker.Log;

/// <summary>How far a partition is on disk.</summary>
/// <param name="EndOffset">Every batch below.</param>
/// <param name="SealedOffset">Every segment that ends at or below, with all its files and at its right length.</param>
internal readonly record struct FlushedOffsets(long EndOffset, long SealedOffset);

/// <summary>
/// How far the partition was flushed, rewritten after every flush but flushed itself only now and then:
/// <c>endOffset i64 | sealedOffset i64 | crc32c u32 of both</c>. A killed process leaves it exact, because the operating system has it; a power loss may leave
/// an older one. It never says more than is on disk, so recovery knows what was promised: a broken batch below is damage, above it's a write that was never
/// answered.
/// </summary>
internal sealed class FlushedOffsetFile(IFileSystem files, string directory) : IDisposable
{
    private const int Size = 20;
    private const int CrcAt = 16;
    private readonly string _path = Path.Combine(directory, SegmentFiles.FlushedOffset);
    private IFile? _file;

    /// <summary>Zeros where the file is missing or torn.</summary>
    public static FlushedOffsets Read(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, SegmentFiles.FlushedOffset);
        ReadOnlySpan<byte> bytes = files.FileExists(path) ? SmallFile.Read(files, path) : [];
        return IsWhole(bytes)
            ? new(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]))
            : default;
    }

    /// <summary>Whether the file's bytes are what was written.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size && BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcAt..]) == Crc32C.Compute(bytes[..CrcAt]);

    public void Write(FlushedOffsets offsets)
    {
        _file ??= files.Open(_path, FileAccessKind.ReadWrite);
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, offsets.EndOffset);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], offsets.SealedOffset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[CrcAt..], Crc32C.Compute(bytes[..CrcAt]));
        _file.Write(bytes, 0);
    }

    public void Sync() => _file?.SyncData();

    public void Dispose() => _file?.Dispose();
}
