using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

internal static class ValidationCommand
{
    public static Command Create() => ServiceCommand.Create(
        "validation",
        "Run validation: customers, stock, settlement",
        PipelineServices.StartValidationAsync,
        SettingOption.Kafka(),
        SettingOption.RegistryUrl(),
        SettingOption.DataDirectory(),
        SettingOption.TopicPrefix(),
        SettingOption.Slot("Validation"));
}
