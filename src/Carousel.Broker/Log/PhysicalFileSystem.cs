using System.Globalization;

namespace Carousel.Broker.Log;

/// <summary>The machine's own disk.</summary>
internal sealed class PhysicalFileSystem : IFileSystem
{
    private const string HolderSuffix = ".pid";

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

    public IDisposable Lock(string path)
    {
        // The holder says who it is in a file of its own: .NET opens no file that is locked, not even for reading.
        string holder = path + HolderSuffix;
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new FileLockedException(path, File.Exists(holder) && File.ReadAllText(holder) is { Length: > 0 } id ? id : "unknown");
        }

        File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
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
}
