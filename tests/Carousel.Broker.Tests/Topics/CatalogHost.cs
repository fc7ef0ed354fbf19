using Carousel.Broker.Log;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Broker.Topics.Configs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Broker.Tests.Topics;

/// <summary>A catalog on the partitions of a data directory, opened as the broker opens it.</summary>
internal sealed class CatalogHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private CatalogHost(PartitionSet partitions, TopicCatalog catalog)
    {
        (Partitions, Catalog) = (partitions, catalog);
        _running = partitions.RunAsync(_stop.Token);
    }

    public PartitionSet Partitions { get; }

    public TopicCatalog Catalog { get; }

    public static async Task<CatalogHost> OpenAsync(
        string directory, TopicCatalogOptions? options = null, IFileSystem? files = null, params (string Name, string Value)[] configs)
    {
        PartitionSet partitions = await PartitionSet.OpenAsync(
            new PartitionSetOptions { DataDirectory = directory }, files ?? new PhysicalFileSystem(), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        try
        {
            ConfigOverrides set = ConfigOverrides.Of(configs.Select(config => KeyValuePair.Create(config.Name, config.Value)));
            TopicCatalog catalog = TopicCatalog.Open(partitions, options ?? new TopicCatalogOptions(), set, NullLoggerFactory.Instance, TimeProvider.System);
            var host = new CatalogHost(partitions, catalog);
            await catalog.StartAsync(CancellationToken.None);
            return host;
        }
        catch
        {
            await partitions.DisposeAsync();
            throw;
        }
    }

    public async Task<Topic> CreateAsync(string name, int partitionCount = 1, params (string Name, string Value)[] configs)
    {
        IReadOnlyList<TopicCreation> results = await Catalog.CreateAsync(
            [new NewTopic(name, partitionCount, 1, [], [.. configs.Select(config => KeyValuePair.Create<string, string?>(config.Name, config.Value))])],
            validateOnly: false,
            CancellationToken.None);
        Assert.Null(results[0].Reason);
        return Catalog.Find(name)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Catalog.Dispose();
        await Partitions.DisposeAsync();
        _stop.Dispose();
    }
}
