using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Carousel.Broker.Log;

/// <summary>The calls of POSIX that .NET doesn't offer.</summary>
internal static partial class NativeFile
{
    private const int OpenReadOnly = 0;
    private const int NoSpaceLeft = 28;

    public static bool IsAvailable { get; } = OperatingSystem.IsLinux();

    /// <summary>Flushes the bytes, and of the metadata only what reading them needs: cheaper than fsync where the length stays.</summary>
    public static void SyncData(SafeFileHandle file, string path)
    {
        if (FileDataSync(file) != 0)
        {
            throw new IOException($"fdatasync of {path} failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    public static void Preallocate(SafeFileHandle file, long length, string path)
    {
        int error = PosixFileAllocate(file, 0, length);
        if (error != 0)
        {
            string reason = error == NoSpaceLeft ? "no space left on the device" : Marshal.GetPInvokeErrorMessage(error);
            throw new IOException($"posix_fallocate of {path} to {length} bytes failed: {reason}");
        }
    }

    /// <summary>Opens a file or directory without asking for the lock that .NET asks for.</summary>
    public static SafeFileHandle OpenRead(string path)
    {
        int descriptor = Open(path, OpenReadOnly);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"{path} can't be opened: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    public static void SyncDirectory(string path)
    {
        using SafeFileHandle directory = OpenRead(path);
        if (FileSync(directory) != 0)
        {
            throw new IOException($"fsync of directory {path} failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FileDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixFileAllocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
