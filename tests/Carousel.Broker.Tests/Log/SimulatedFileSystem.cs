using Carousel.Broker.Log;

namespace Carousel.Broker.Tests.Log;

/// <summary>
/// A disk in memory that keeps what was flushed apart from what wasn't. A power loss takes back unflushed bytes, sector by sector as chance has it, and the
/// last names that no directory flush covered. It can be full, fail a flush, and change a byte.
/// </summary>
internal sealed class SimulatedFileSystem : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SimulatedFile> _files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _locked = [];

    /// <summary>Names as they were, newest last: a power loss keeps some beginning of it, as a journal does.</summary>
    private readonly List<(SortedDictionary<string, SimulatedFile> Files, SortedSet<string> Directories)> _unsyncedNames = [];

    /// <summary>Bytes that are left on the disk.</summary>
    public long FreeBytes { get; set; } = long.MaxValue;

    /// <summary>The next flushes of files whose path ends so fail.</summary>
    public string? FailingSync { get; set; }

    /// <summary>Called before each flush of a file, with its path: to stop there, or to count.</summary>
    public Action<string>? OnSync { get; set; }

    /// <summary>Called before each write, with the file's path, the position and the number of bytes.</summary>
    public Action<string, long, int>? OnWrite { get; set; }

    public IFile Open(string path, FileAccessKind access)
    {
        lock (_lock)
        {
            if (!_directories.Contains(System.IO.Path.GetDirectoryName(path)!))
            {
                throw new DirectoryNotFoundException($"There is no directory for {path}.");
            }

            bool isThere = _files.TryGetValue(path, out SimulatedFile? file);
            if (access == FileAccessKind.Read && !isThere)
            {
                throw new FileNotFoundException($"There is no file {path}.", path);
            }

            if (!isThere)
            {
                RememberNames();
                file = new SimulatedFile(this);
                _files[path] = file;
            }

            if (access == FileAccessKind.Create)
            {
                file!.SetLength(0);
            }

            return new OpenFile(this, path, file!);
        }
    }

    public bool FileExists(string path)
    {
        lock (_lock)
        {
            return _files.ContainsKey(path);
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_lock)
        {
            return _directories.Contains(path);
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_lock)
        {
            RememberNames();
            for (string? part = path; !string.IsNullOrEmpty(part); part = System.IO.Path.GetDirectoryName(part))
            {
                _directories.Add(part);
            }
        }
    }

    public IReadOnlyList<string> ListFiles(string directory)
    {
        lock (_lock)
        {
            return [.. _files.Keys.Where(path => System.IO.Path.GetDirectoryName(path) == directory)];
        }
    }

    public IReadOnlyList<string> ListDirectories(string directory)
    {
        lock (_lock)
        {
            return [.. _directories.Where(path => System.IO.Path.GetDirectoryName(path) == directory)];
        }
    }

    public void Rename(string source, string target)
    {
        lock (_lock)
        {
            RememberNames();
            if (_files.Remove(source, out SimulatedFile? file))
            {
                _files[target] = file;
                return;
            }

            if (!_directories.Contains(source) || _directories.Contains(target))
            {
                throw new IOException($"{source} can't become {target}.");
            }

            foreach (string path in _directories.Where(path => path == source || path.StartsWith(source + "/", StringComparison.Ordinal)).ToArray())
            {
                _directories.Remove(path);
                _directories.Add(target + path[source.Length..]);
            }

            foreach ((string path, SimulatedFile moved) in _files.Where(entry => entry.Key.StartsWith(source + "/", StringComparison.Ordinal)).ToArray())
            {
                _files.Remove(path);
                _files[target + path[source.Length..]] = moved;
            }
        }
    }

    public void DeleteFile(string path)
    {
        lock (_lock)
        {
            if (_files.ContainsKey(path))
            {
                RememberNames();
                _files.Remove(path);
            }
        }
    }

    public void DeleteDirectory(string path)
    {
        lock (_lock)
        {
            RememberNames();
            _directories.RemoveWhere(name => name == path || name.StartsWith(path + "/", StringComparison.Ordinal));
            foreach (string file in _files.Keys.Where(name => name.StartsWith(path + "/", StringComparison.Ordinal)).ToArray())
            {
                _files.Remove(file);
            }
        }
    }

    public void SyncDirectory(string path)
    {
        OnSync?.Invoke(path);
        lock (_lock)
        {
            // A journal writes everything that came before, wherever it was.
            _unsyncedNames.Clear();
        }
    }

    public IDisposable Lock(string path)
    {
        lock (_lock)
        {
            return _locked.Add(path) ? new Held(() => _locked.Remove(path)) : throw new FileLockedException(path, "4711");
        }
    }

    /// <summary>The power goes and comes back: returns the disk that is found then.</summary>
    public SimulatedFileSystem PowerLoss(int seed)
    {
        var random = new Random(seed);
        lock (_lock)
        {
            int kept = random.Next(_unsyncedNames.Count + 1);
            (SortedDictionary<string, SimulatedFile> files, SortedSet<string> directories) =
                kept == _unsyncedNames.Count ? (_files, _directories) : _unsyncedNames[kept];
            var found = new SimulatedFileSystem();
            found._directories.UnionWith(directories);
            foreach ((string path, SimulatedFile file) in files)
            {
                found._files[path] = file.AfterPowerLoss(found, random);
            }

            return found;
        }
    }

    /// <summary>The process is killed: what it wrote is there, flushed or not.</summary>
    public SimulatedFileSystem Kill()
    {
        lock (_lock)
        {
            var found = new SimulatedFileSystem();
            found._directories.UnionWith(_directories);
            foreach ((string path, SimulatedFile file) in _files)
            {
                found._files[path] = file.Copy(found);
            }

            return found;
        }
    }

    public byte[] ReadAll(string path)
    {
        lock (_lock)
        {
            return _files[path].Bytes.ToArray();
        }
    }

    public void Flip(string path, int position, byte mask = 0x01)
    {
        lock (_lock)
        {
            _files[path].Flip(position, mask);
        }
    }

    internal void Take(long bytes)
    {
        if (bytes > FreeBytes)
        {
            throw new IOException("No space left on device");
        }

        FreeBytes -= FreeBytes == long.MaxValue ? 0 : bytes;
    }

    private void RememberNames() => _unsyncedNames.Add((new(_files, StringComparer.Ordinal), new(_directories, StringComparer.Ordinal)));

    private sealed class Held(Action release) : IDisposable
    {
        public void Dispose() => release();
    }

    private sealed class OpenFile(SimulatedFileSystem disk, string path, SimulatedFile file) : IFile
    {
        private bool _isClosed;

        public string Path => path;

        public long Length => Guarded(() => file.Bytes.Length);

        public int Read(Span<byte> buffer, long position)
        {
            lock (disk._lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                ReadOnlySpan<byte> bytes = file.Bytes;
                int read = (int)Math.Clamp(bytes.Length - position, 0, buffer.Length);
                bytes.Slice((int)Math.Min(position, bytes.Length), read).CopyTo(buffer);
                return read;
            }
        }

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            disk.OnWrite?.Invoke(path, position, bytes.Length);
            lock (disk._lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                file.Write(bytes, (int)position);
            }
        }

        public void Preallocate(long length)
        {
            lock (disk._lock)
            {
                file.Grow((int)length);
            }
        }

        public void SetLength(long length) => Guarded(() => file.SetLength((int)length));

        public void SyncData()
        {
            disk.OnSync?.Invoke(path);
            lock (disk._lock)
            {
                if (disk.FailingSync is { } failing && path.EndsWith(failing, StringComparison.Ordinal))
                {
                    throw new IOException($"fdatasync of {path} failed: Input/output error");
                }

                file.Sync();
            }
        }

        public void Dispose() => _isClosed = true;

        private long Guarded(Func<long> get)
        {
            lock (disk._lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                return get();
            }
        }

        private void Guarded(Action act)
        {
            lock (disk._lock)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                act();
            }
        }
    }
}
