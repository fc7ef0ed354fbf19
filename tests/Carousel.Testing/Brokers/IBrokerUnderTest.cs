namespace Carousel.Testing.Brokers;

/// <summary>
/// A broker as its clients and its operator see it: a process of its own with an address on loopback and a data directory. Disposing kills it and
/// deletes the data.
/// </summary>
public interface IBrokerUnderTest : IAsyncDisposable
{
    /// <summary>Where clients connect, <c>host:port</c>.</summary>
    string Address { get; }

    int Port { get; }

    /// <summary>The folder with a folder per partition, such as <c>orders-0</c>.</summary>
    string LogDirectory { get; }

    /// <summary>The running process.</summary>
    int ProcessId { get; }

    /// <summary>Starts it on its data; after <see cref="KillAsync"/> on what was left of it. Returns when it answers.</summary>
    Task StartAsync();

    /// <summary>kill -9: nothing is flushed, nobody is told.</summary>
    Task KillAsync();

    /// <summary>SIGTERM, as an operator stops it.</summary>
    Task StopAsync();
}
