using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

/// <summary>The embedded broker as a process of its own.</summary>
internal static class BrokerCommand
{
    public static Command Create()
    {
        Command broker = Service();
        broker.Subcommands.Add(BrokerCheckCommand.Create());
        return broker;
    }

    private static Command Service() => ServiceCommand.Create(
        "broker",
        "Run the embedded broker: Kafka's protocol on one machine, without replicas",
        StartAsync,
        new SettingOption("--data", "Broker:DataDirectory", "directory of its topics; made if missing [default: ./data/broker]"),
        new SettingOption("--port", "Broker:Port", "where it listens; 0 takes a free one [default: 9092]"),
        new SettingOption("--listen", "Broker:ListenAddress", "loopback address it listens on [default: 127.0.0.1]"),
        new SettingOption("--advertised-port", "Broker:AdvertisedPort", "port that clients are told, such as a proxy's [default: its own]"),
        SettingOption.Flush(),
        new SettingOption("--partitions", "Broker:DefaultPartitionCount", "partitions of a topic that is made without saying how many [default: 1]"),
        new SettingOption("--auto-create-topics", "Broker:AutoCreateTopics", "true: a topic that a client asks for is made [default: false]"),
        new SettingOption("--clamp-replication", "Broker:ClampReplicationFactor", "true: any replication factor is taken for 1, for test suites [default: false]"));

    private static async Task<RunningService> StartAsync(ServiceContext context, CancellationToken cancellationToken)
    {
        RunningService broker = await PipelineServices.StartBrokerAsync(context, cancellationToken);
        await Console.Out.WriteLineAsync(BrokerText.Of(context.Settings.Broker));
        return broker;
    }
}
