using System.Diagnostics;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Processes;

namespace Carousel.Conformance.Tests.Debian;

/// <summary>python3-confluent-kafka of Debian stable, on librdkafka 2.0.2. The scripts do the work and check it; here they only have to end well.</summary>
public abstract class PythonContract(SharedBrokers brokers, BrokerKind kind) : BrokerContract(brokers, kind)
{
    private const int PartitionCount = 4;

    [Theory]
    [InlineData("range")]
    [InlineData("cooperative-sticky")]
    public async Task Members_of_a_group_share_lose_nothing_and_go(string strategy)
    {
        string topic = await Clients.CreateTopicAsync(Unique("python-group"), PartitionCount);
        await RunAsync("group.py", topic, Unique("python"), strategy);
    }

    [Fact]
    public async Task Transactions_commit_abort_carry_offsets_and_fence()
    {
        string source = await Clients.CreateTopicAsync(Unique("python-source"), PartitionCount);
        string target = await Clients.CreateTopicAsync(Unique("python-target"), PartitionCount);
        await RunAsync("transactions.py", source, target, Unique("python"));
    }

    [Fact]
    public Task Topics_and_settings_are_administered() => RunAsync("administration.py", Unique("python-topic"));

    private async Task RunAsync(string script, params string[] arguments)
    {
        string python = ToolProcess.RequireOrSkip("python3", "python3");
        python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : python;
        ToolResult probe = await ToolProcess.RunToAnyEndAsync(new ProcessStartInfo(python) { ArgumentList = { "-c", "import confluent_kafka" } });
        Assert.SkipWhen(probe.ExitCode != 0, "Needs the Python package confluent_kafka (Debian package python3-confluent-kafka).");
        var start = new ProcessStartInfo(python) { ArgumentList = { Path.Combine(SourceFolder.Of("Debian"), script), Broker.Address } };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        await ToolProcess.RunAsync(start);
    }
}

public sealed class PythonOnEmbeddedTests(SharedBrokers brokers) : PythonContract(brokers, BrokerKind.Embedded);

[Trait(BrokerContract.WholeSuite, BrokerContract.All)]
public sealed class PythonOnKafkaTests(SharedBrokers brokers) : PythonContract(brokers, BrokerKind.Kafka);
