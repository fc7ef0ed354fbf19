using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

internal static class FulfillmentCommand
{
    public static Command Create() => ServiceCommand.Create(
        "fulfillment",
        "Run fulfillment: payments",
        PipelineServices.StartFulfillmentAsync,
        SettingOption.Kafka(),
        SettingOption.RegistryUrl(),
        SettingOption.PaymentsUrl(),
        SettingOption.TopicPrefix(),
        SettingOption.Slot("Fulfillment"));
}
