using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Carousel.Broker.Log;

/// <summary>The machine's own disk.</summary>
internal sealed class PhysicalFileSystem : IFileSystem
{
    public IFile Open(string path, FileAccessKind access) => new PhysicalFile(path, access);

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => Directory.GetFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => Directory.GetDirectories(directory);

    public void Rename(string source, string target)
    {
        if (Directory.Exists(source))
        {
            Directory.Move(source, target);
        }
        else
        {
            File.Move(source, target, overwrite: true);
        }
    }

    public void DeleteFile(string path) => File.Delete(path);

    public void DeleteDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Keeps others from locking a file until the result is disposed, and writes nothing. Null where there is no such file.</summary>
    /// <exception cref="FileLockedException">Another process has it.</exception>
    public static IDisposable? Hold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            throw new FileLockedException(path, ReadHolder(path));
        }
    }

    public IDisposable Lock(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new FileLockedException(path, ReadHolder(path));
        }

        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return file;
    }

    public void SyncDirectory(string path)
    {
        // Elsewhere a directory can't be flushed on its own; the file system's journal has to do.
        if (NativeFile.IsAvailable)
        {
            NativeFile.SyncDirectory(path);
        }
    }

    /// <summary>Whoever holds the lock wrote its process id.</summary>
    private static string ReadHolder(string path)
    {
        if (!NativeFile.IsAvailable)
        {
            return "(unknown)";
        }

        Span<byte> bytes = stackalloc byte[20];
        using SafeFileHandle file = NativeFile.OpenRead(path);
        return Encoding.ASCII.GetString(bytes[..RandomAccess.Read(file, bytes, 0)]);
    }
}
