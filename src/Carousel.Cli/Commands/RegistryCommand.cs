using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

internal static class RegistryCommand
{
    public static Command Create() => ServiceCommand.Create(
        "registry",
        "Run the schema registry",
        PipelineServices.StartRegistryAsync,
        SettingOption.Kafka(),
        new SettingOption("--url", "RegistryServer:ListenUrl", "where to listen [default: http://127.0.0.1:8081]"),
        new SettingOption("--topic", "RegistryServer:Topic", "the topic that holds everything [default: _schemas]"));
}
