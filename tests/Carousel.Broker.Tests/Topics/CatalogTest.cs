using Carousel.Broker.Log;
using Carousel.Broker.Topics;

namespace Carousel.Broker.Tests.Topics;

/// <summary>Tests with a data directory of their own.</summary>
public abstract class CatalogTest : IDisposable
{
    protected string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("carousel-catalog-").FullName;

    private protected Task<CatalogHost> OpenAsync(TopicCatalogOptions? options = null, IFileSystem? files = null, params (string Name, string Value)[] configs) =>
        CatalogHost.OpenAsync(Directory, options, files, configs);

    /// <summary>The names of the partitions' folders, without those that only wait to be removed.</summary>
    private protected IEnumerable<string> Folders() => System.IO.Directory.GetDirectories(Directory)
        .Select(path => Path.GetFileName(path))
        .Where(name => !name.EndsWith("-delete", StringComparison.Ordinal) && !name.StartsWith("__", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
