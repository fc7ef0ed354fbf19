using Microsoft.Win32.SafeHandles;

namespace Carousel.Broker.Log;

/// <summary>A file by its handle. Closing it while another thread reads is safe: that read ends first.</summary>
internal sealed class PhysicalFile : IFile
{
    private readonly SafeFileHandle _handle;

    public PhysicalFile(string path, FileAccessKind access)
    {
        Path = path;
        _handle = File.OpenHandle(
            path,
            access switch
            {
                FileAccessKind.Read => FileMode.Open,
                FileAccessKind.ReadWrite => FileMode.OpenOrCreate,
                _ => FileMode.Create,
            },
            access == FileAccessKind.Read ? FileAccess.Read : FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);
    }

    public string Path { get; }

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(Span<byte> buffer, long position)
    {
        int filled = 0;
        while (filled < buffer.Length)
        {
            int read = RandomAccess.Read(_handle, buffer[filled..], position + filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }

    public void Write(ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(_handle, bytes, position);

    public void Preallocate(long length)
    {
        if (NativeFile.IsAvailable)
        {
            NativeFile.Preallocate(_handle, length, Path);
        }
        else
        {
            RandomAccess.SetLength(_handle, length);
        }
    }

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    public void SyncData()
    {
        if (NativeFile.IsAvailable)
        {
            NativeFile.SyncData(_handle, Path);
        }
        else
        {
            RandomAccess.FlushToDisk(_handle);
        }
    }

    public void Dispose() => _handle.Dispose();
}
