using System.Text;

namespace Carousel.Broker.Log;

/// <summary>Files that are read and replaced as a whole. A reader finds the old one or the new one, never a half.</summary>
internal static class SmallFile
{
    public static byte[] Read(IFileSystem files, string path)
    {
        using IFile file = files.Open(path, FileAccessKind.Read);
        byte[] bytes = new byte[file.Length];
        int read = file.Read(bytes, 0);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    public static string ReadText(IFileSystem files, string path) => Encoding.UTF8.GetString(Read(files, path));

    /// <summary>Replaces the file; durable on return if <paramref name="isDurable"/>.</summary>
    public static void Replace(IFileSystem files, string path, ReadOnlySpan<byte> bytes, bool isDurable)
    {
        string temporary = path + SegmentFiles.Temporary;
        using (IFile file = files.Open(temporary, FileAccessKind.Create))
        {
            file.Write(bytes, 0);

            // Always: a name must not become durable before the bytes.
            file.SyncData();
        }

        files.Rename(temporary, path);
        if (isDurable)
        {
            files.SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    public static void ReplaceText(IFileSystem files, string path, string text) => Replace(files, path, Encoding.UTF8.GetBytes(text), isDurable: true);
}
