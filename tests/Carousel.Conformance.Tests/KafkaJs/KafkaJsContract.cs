using System.Diagnostics;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Processes;

namespace Carousel.Conformance.Tests.KafkaJs;

/// <summary>kafkajs, which shares no code with the others. The scripts do the work and check it; here they only have to end well.</summary>
public abstract class KafkaJsContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    [Fact]
    public async Task Members_of_a_group_share_lose_nothing_and_go() =>
        await RunAsync("group.js", await Clients.CreateTopicAsync(Unique("js-group"), 4), Unique("js"));

    [Fact]
    public async Task Transactions_commit_abort_carry_offsets_and_fence() =>
        await RunAsync("transactions.js", await Clients.CreateTopicAsync(Unique("js-transactions"), 2), Unique("js"));

    [Fact]
    public Task Topics_settings_records_and_groups_are_administered() => RunAsync("administration.js", Unique("js-topic"));

    private async Task RunAsync(string script, params string[] arguments)
    {
        string folder = SourceFolder.Of("KafkaJs");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), $"Needs kafkajs: npm ci --ignore-scripts in {folder}, as ./test does where npm is installed.");
        var start = new ProcessStartInfo(ToolProcess.RequireOrSkip("node", "nodejs")) { ArgumentList = { Path.Combine(folder, script), Broker.Address } };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        await ToolProcess.RunAsync(start);
    }
}

public sealed class KafkaJsOnEmbeddedTests(SharedBrokers brokers) : KafkaJsContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class KafkaJsOnKafkaTests(SharedBrokers brokers) : KafkaJsContract(brokers, BrokerKind.Kafka);
