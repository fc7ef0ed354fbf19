namespace Carousel.Cli.Up;

/// <summary>Keeps a second pipeline off a data directory for as long as this one lives; the system releases it however the process ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <exception cref="CommandFailedException">Another process holds it, or it can't be made.</exception>
    public static DirectoryLock Take(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"The data directory {Path.GetFullPath(directory)} can't be made: {e.Message}", e);
        }

        try
        {
            return new DirectoryLock(new FileStream(Path.Combine(directory, "up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new CommandFailedException(
                $"Another carousel up runs in {Path.GetFullPath(directory)}: stop it, or give this one its own directory with --data.", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
