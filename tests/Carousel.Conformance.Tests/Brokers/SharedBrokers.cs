using Carousel.Conformance.Tests.Brokers;

[assembly: AssemblyFixture(typeof(SharedBrokers))]

namespace Carousel.Conformance.Tests.Brokers;

/// <summary>One process of each kind for the whole run, started when a test first asks for it. A test makes topics and groups of its own on it.</summary>
public sealed class SharedBrokers : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private EmbeddedBroker? _embedded;
    private KafkaBroker? _kafka;

    public async ValueTask DisposeAsync()
    {
        foreach (IBrokerUnderTest broker in new IBrokerUnderTest?[] { _embedded, _kafka }.OfType<IBrokerUnderTest>())
        {
            await broker.DisposeAsync();
        }

        _starting.Dispose();
    }

    /// <summary>The broker of this kind; skips the test where it isn't installed.</summary>
    internal async Task<IBrokerUnderTest> StartedAsync(BrokerKind kind)
    {
        await _starting.WaitAsync();
        try
        {
            return kind switch
            {
                BrokerKind.Embedded => _embedded ??= await EmbeddedBroker.StartNewAsync(),
                BrokerKind.Kafka => _kafka ??= await KafkaBroker.StartOrSkipAsync(),
                _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
            };
        }
        finally
        {
            _starting.Release();
        }
    }
}
