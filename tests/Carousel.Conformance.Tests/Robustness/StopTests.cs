using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.ConfluentKafka;
using Carousel.Testing;
using Confluent.Kafka;

namespace Carousel.Conformance.Tests.Robustness;

/// <summary>SIGTERM, while clients are connected and in the middle of something.</summary>
public sealed class StopTests(OwnBroker own) : IClassFixture<OwnBroker>
{
    [Fact]
    public async Task A_broker_whose_clients_go_on_stops_cleanly_and_serves_them_when_it_is_back()
    {
        EmbeddedBroker broker = own.Broker;
        var clients = new ConfluentClients(broker.Address);
        string topic = await clients.CreateTopicAsync("stopped", 2);
        using RawConnection silent = await RawConnection.OpenAsync(broker.Port);
        await silent.TrySendAsync(new byte[] { 0, 0, 1 });
        using IProducer<string?, string?> transactional = clients.Producer(config => config.TransactionalId = "open");
        transactional.InitTransactions(BrokerContract.Patience);
        transactional.BeginTransaction();
        await transactional.ProduceAsync(new TopicPartition(topic, 0), new Message<string?, string?> { Value = "undecided" });
        await using var first = new GroupMember(clients, "stopped", topic);
        await using var second = new GroupMember(clients, "stopped", topic);
        await GroupMember.ShareAsync(2, first, second);

        await broker.StopAsync();
        Assert.Contains(await File.ReadAllLinesAsync(broker.LogFile), line => line.Contains("the next start needs no scan: True", StringComparison.Ordinal));

        await broker.StartAsync();
        Assert.Contains(await File.ReadAllLinesAsync(broker.LogFile), line => line.Contains("the last stop was clean: True", StringComparison.Ordinal));
        transactional.CommitTransaction(BrokerContract.Patience);

        // A member that was away for longer than its session reads it again.
        await Eventually.TrueAsync(
            "a member reads what was committed after the stop",
            () => string.Join(' ', first.Read.Concat(second.Read).Distinct()),
            read => read == "undecided" || first.Ended.IsCompleted || second.Ended.IsCompleted,
            BrokerContract.Patience);
        Assert.False(first.Ended.IsCompleted || second.Ended.IsCompleted, $"{first.Ended.Exception} {second.Ended.Exception}");
    }
}
