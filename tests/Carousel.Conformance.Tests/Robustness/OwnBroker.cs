namespace Carousel.Conformance.Tests.Robustness;

/// <summary>An embedded broker for one class, whose memory and log are nobody else's.</summary>
public sealed class OwnBroker : IAsyncLifetime
{
    private EmbeddedBroker? _broker;

    internal EmbeddedBroker Broker => _broker ?? throw new InvalidOperationException("The broker isn't started yet.");

    public async ValueTask InitializeAsync() => _broker = await EmbeddedBroker.StartNewAsync();

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
