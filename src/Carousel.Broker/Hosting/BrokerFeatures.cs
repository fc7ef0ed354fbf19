namespace Carousel.Broker.Hosting;

/// <summary>A feature of the cluster, as ApiVersions and the features tool show it (KIP-584).</summary>
/// <param name="Level">The level that is in force; 0 for none.</param>
internal readonly record struct BrokerFeature(string Name, short LevelMin, short LevelMax, short Level);

/// <summary>The features in force, with the number of the change that made them so.</summary>
internal sealed record BrokerFeatures(long Epoch, IReadOnlyList<BrokerFeature> All);
