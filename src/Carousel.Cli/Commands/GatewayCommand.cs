using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

internal static class GatewayCommand
{
    public static Command Create() => ServiceCommand.Create(
        "gateway",
        "Run the HTTP gateway that takes orders",
        PipelineServices.StartGatewayAsync,
        SettingOption.Kafka(),
        SettingOption.RegistryUrl(),
        SettingOption.DataDirectory(),
        SettingOption.TopicPrefix(),
        new SettingOption("--url", "Gateway:Url", "where to listen [default: http://127.0.0.1:8080]"));
}
