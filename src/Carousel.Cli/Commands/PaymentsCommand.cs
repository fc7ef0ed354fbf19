using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;

namespace Carousel.Cli.Commands;

internal static class PaymentsCommand
{
    public static Command Create() => ServiceCommand.Create(
        "payments",
        "Run the payment simulator",
        PipelineServices.StartPaymentsAsync,
        new SettingOption("--data", "PaymentSimulator:DataDirectory", "directory of the ledger [default: data/payments]"),
        new SettingOption("--port", "PaymentSimulator:Port", "port of HTTP/2 for services [default: 7080]"),
        new SettingOption("--admin-port", "PaymentSimulator:AdminPort", "port of HTTP/1.1 for people [default: the port above + 1]"));
}
