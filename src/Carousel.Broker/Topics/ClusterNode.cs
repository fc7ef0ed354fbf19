namespace Carousel.Broker.Topics;

/// <summary>The one node of the cluster, as clients are told of it.</summary>
/// <param name="ClusterId">See <see cref="ClusterIdentity"/>.</param>
/// <param name="LogDirectory">Full path of the data directory.</param>
internal sealed record ClusterNode(string ClusterId, string LogDirectory)
{
    /// <summary>Where clients connect. Set before the first request, once it is known which port it is.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <inheritdoc cref="Host"/>
    public int Port { get; set; }
}
