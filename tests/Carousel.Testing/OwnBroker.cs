namespace Carousel.Testing;

/// <summary>A broker of the kind that the tests run on, for a test that kills it or puts a proxy before it.</summary>
public static class OwnBroker
{
    /// <summary>Returns when it answers; skips the test where that kind isn't installed.</summary>
    /// <param name="advertisedPort">Where clients are told to connect, such as a <see cref="TcpProxy"/>'s port; the broker's own by default.</param>
    public static async Task<IBrokerProcess> StartOrSkipAsync(int? advertisedPort = null) =>
        TestKafka.IsEmbedded ? EmbeddedBrokerProcess.Start(advertisedPort) : await KafkaProcess.StartOrSkipAsync(advertisedPort);
}
