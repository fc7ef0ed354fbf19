using Carousel.Conformance.Tests.Brokers;
using Carousel.Testing;

namespace Carousel.Conformance.Tests.Crashes;

/// <summary>
/// kill -9 at random under load, again and again: everything acknowledged is there, in order and once; nothing aborted is visible; no group offset goes
/// back. The load never stops, so that each death finds requests at every stage.
/// </summary>
public abstract class CrashContract
{
    private const int PartitionCount = 3;

    private protected static int Deaths => TestLength.IsLong ? 100 : 6;

    private protected static async Task SurviveAsync(IBrokerUnderTest broker, int deaths)
    {
        var clients = new ConfluentClients(broker.Address);
        string topic = await clients.CreateTopicAsync("numbers", PartitionCount);
        string transacted = await clients.CreateTopicAsync("transacted", 2);
        await using var idempotent = new IdempotentLoad(clients, topic, PartitionCount);
        await using var transactional = new TransactionalLoad(clients, transacted, "transacting");
        for (int death = 1; death <= deaths; death++)
        {
            (int acknowledged, int committed) = (idempotent.Acknowledged + Random.Shared.Next(1, 2_000), transactional.Committed + Random.Shared.Next(1, 20));
            await Eventually.TrueAsync(
                $"the load goes on before death {death}",
                () => (idempotent.Acknowledged, transactional.Committed),
                now => now.Acknowledged >= acknowledged && now.Committed >= committed,
                BrokerContract.Patience);
            await broker.KillAsync();
            await broker.StartAsync();
            await transactional.VerifyOffsetAsync();
        }

        await idempotent.VerifyAsync(clients);
        await transactional.VerifyAsync();
    }
}

public sealed class CrashOnEmbeddedTests : CrashContract
{
    [Fact]
    public async Task Nothing_promised_is_lost_doubled_or_undone_by_sudden_deaths()
    {
        await using EmbeddedBroker broker = await EmbeddedBroker.StartNewAsync();
        await SurviveAsync(broker, Deaths);
    }
}

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class CrashOnKafkaTests : CrashContract
{
    [Fact]
    public async Task Nothing_promised_is_lost_doubled_or_undone_by_sudden_deaths()
    {
        await using KafkaBroker broker = await KafkaBroker.StartOrSkipAsync();
        await SurviveAsync(broker, deaths: 1);
    }
}
