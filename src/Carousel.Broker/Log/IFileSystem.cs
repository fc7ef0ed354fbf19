namespace Carousel.Broker.Log;

/// <summary>How a file is opened.</summary>
internal enum FileAccessKind
{
    /// <summary>An existing file, not to be changed.</summary>
    Read,

    /// <summary>A file that is made if missing.</summary>
    ReadWrite,

    /// <summary>A new, empty file; what was there under the name is replaced.</summary>
    Create,
}

/// <summary>
/// The disk, as far as the log uses it. Names and lengths are durable only after the directory was synced, bytes only after the file was. Everything
/// throws IOException where the disk refuses.
/// </summary>
internal interface IFileSystem
{
    IFile Open(string path, FileAccessKind access);

    bool FileExists(string path);

    bool DirectoryExists(string path);

    void CreateDirectory(string path);

    /// <summary>Full paths of the files in a directory.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>Full paths of the directories in a directory.</summary>
    IReadOnlyList<string> ListDirectories(string directory);

    /// <summary>Gives a file or directory another name; a file of that name is replaced at once.</summary>
    void Rename(string source, string target);

    /// <summary>Nothing happens if there is no such file.</summary>
    void DeleteFile(string path);

    /// <summary>With everything in it. Nothing happens if there is no such directory.</summary>
    void DeleteDirectory(string path);

    /// <summary>Makes a file that no other process can lock until the result is disposed.</summary>
    /// <exception cref="FileLockedException">Another process has it.</exception>
    IDisposable Lock(string path);

    /// <summary>Makes the names in a directory durable: what was created, renamed and deleted.</summary>
    void SyncDirectory(string path);
}

/// <summary>An open file, read and written at positions, by many threads at once.</summary>
internal interface IFile : IDisposable
{
    string Path { get; }

    long Length { get; }

    /// <summary>Fills the buffer from the position on; fewer bytes only where the file ends. Returns how many.</summary>
    int Read(Span<byte> buffer, long position);

    /// <summary>Writes all bytes. On an error any part of them may have been written.</summary>
    void Write(ReadOnlySpan<byte> bytes, long position);

    /// <summary>Grows the file to a length with zeros that have their place on disk, so that writing them later needs no space.</summary>
    void Preallocate(long length);

    /// <summary>Cuts the file, or grows it with zeros.</summary>
    void SetLength(long length);

    /// <summary>Returns when the bytes, and the length, are on disk. After an error nothing is known about any of them.</summary>
    void SyncData();
}

/// <summary>A lock that another process holds.</summary>
/// <param name="holder">What is known of that process: its id, or that it's unknown.</param>
internal sealed class FileLockedException(string path, string holder) : IOException($"{path} is locked by process {holder}")
{
    public string Holder { get; } = holder;
}
