using Carousel.Broker.Tests.Hosting;
using Carousel.Testing;

namespace Carousel.Broker.Tests.Apis;

/// <summary>One embedded broker for the tests of a class.</summary>
public sealed class EmbeddedBroker : IAsyncLifetime
{
    private RunningBroker? _broker;

    public int Port => _broker!.Port;

    public async ValueTask InitializeAsync() => _broker = await RunningBroker.StartAsync();

    public ValueTask DisposeAsync() => _broker!.DisposeAsync();
}

public sealed class EmbeddedProduceTests(EmbeddedBroker broker) : ProduceContract, IClassFixture<EmbeddedBroker>
{
    protected override Task<int> StartAsync() => Task.FromResult(broker.Port);
}

public sealed class EmbeddedFetchTests(EmbeddedBroker broker) : FetchContract, IClassFixture<EmbeddedBroker>
{
    protected override Task<int> StartAsync() => Task.FromResult(broker.Port);
}

public sealed class EmbeddedListOffsetsTests(EmbeddedBroker broker) : ListOffsetsContract, IClassFixture<EmbeddedBroker>
{
    protected override Task<int> StartAsync() => Task.FromResult(broker.Port);
}

public sealed class KafkaProduceTests : ProduceContract
{
    protected override Task<int> StartAsync() => SharedKafka.PortOrSkipAsync();
}

public sealed class KafkaFetchTests : FetchContract
{
    protected override Task<int> StartAsync() => SharedKafka.PortOrSkipAsync();
}

public sealed class KafkaListOffsetsTests : ListOffsetsContract
{
    protected override Task<int> StartAsync() => SharedKafka.PortOrSkipAsync();
}

/// <summary>The Kafka that all tests share.</summary>
internal static class SharedKafka
{
    public static Task<int> PortOrSkipAsync() =>
        Task.FromResult(int.Parse(TestKafka.RequireOrSkip().BootstrapServers.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture));
}
