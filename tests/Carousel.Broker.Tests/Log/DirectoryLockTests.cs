using Carousel.Broker.Log;

namespace Carousel.Broker.Tests.Log;

public sealed class DirectoryLockTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("carousel-lock-").FullName;

    [Fact]
    public void A_lock_that_is_held_names_its_holder_and_is_free_once_it_is_let_go()
    {
        string path = Path.Combine(_directory, ".lock");
        var files = new PhysicalFileSystem();
        using (files.Lock(path))
        {
            Assert.Equal($"{Environment.ProcessId}", Assert.Throws<FileLockedException>(() => files.Lock(path)).Holder);
        }

        files.Lock(path).Dispose();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
