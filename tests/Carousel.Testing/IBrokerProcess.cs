using Carousel.Kafka;

namespace Carousel.Testing;

/// <summary>A broker of the test's own, in a process that can be killed and started again on the same data. Disposing kills it and deletes the data.</summary>
public interface IBrokerProcess : IAsyncDisposable
{
    /// <summary>Where the broker listens.</summary>
    int Port { get; }

    /// <summary>The process as it runs now.</summary>
    int ProcessId { get; }

    KafkaOptions Options { get; }

    /// <summary>Starts it again on its data, after <see cref="Kill"/>. Returns when it answers.</summary>
    Task StartAsync();

    /// <summary>kill -9: nothing is flushed, nobody is told.</summary>
    void Kill();

    /// <summary>SIGTERM, on which it flushes and closes everything. Returns when it has ended.</summary>
    Task StopAsync();
}
