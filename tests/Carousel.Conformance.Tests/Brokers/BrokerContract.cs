using Carousel.Testing;

namespace Carousel.Conformance.Tests.Brokers;

/// <summary>
/// What holds for every broker. A contract is written once and has a leaf for each kind; the leaf for Apache Kafka shows that the contract is right.
/// Leaves with the trait <see cref="WholeSuite"/> are left out of ./test, unless <c>CAROUSEL_TEST_CONFORMANCE=all</c>.
/// </summary>
public abstract class BrokerContract(SharedBrokers brokers, BrokerKind kind) : IAsyncLifetime
{
    /// <summary>The trait's name and, with the value <see cref="All"/>, the leaves that only the whole suite runs.</summary>
    public const string WholeSuite = "conformance";

    /// <inheritdoc cref="WholeSuite"/>
    public const string All = "all";

    private IBrokerUnderTest? _broker;
    private ConfluentClients? _clients;

    /// <summary>Long enough for a machine that is busy with other things; nothing waits that long unless it fails.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(180);

    private protected IBrokerUnderTest Broker => _broker ?? throw new InvalidOperationException("The broker isn't started yet.");

    private protected ConfluentClients Clients => _clients ??= new ConfluentClients(Broker.Address);

    public async ValueTask InitializeAsync() => _broker = await brokers.StartedAsync(kind);

    /// <summary>The shared broker outlives the test.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A name that no other test has.</summary>
    private protected static string Unique(string what) => TestKafka.UniquePrefix() + what;
}
