using System.CommandLine;
using Carousel.Cli.Auditing;
using Carousel.Cli.Configuration;
using Carousel.Monitor.Audit;

namespace Carousel.Cli.Commands;

internal static class AuditCommand
{
    public static Command Create()
    {
        var ledger = new UriOption("--ledger", "the payment simulator's address for people", "http://127.0.0.1:7081");
        var json = new Option<bool>("--json") { Description = "print the report as JSON" };
        var command = new Command("audit", "Check the books: every order ends once, money and stock agree, order is kept; exit code 1 when not")
        {
            SettingOption.Kafka(),
            SettingOption.RegistryUrl(),
            SettingOption.DataDirectory(),
            SettingOption.TopicPrefix(),
            ledger,
            json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CarouselSettings settings = SettingsLoader.Load(parsed);
            AuditReport report = await PipelineAudit.RunAsync(settings, parsed.GetValue(ledger)!, cancellationToken);
            await Console.Out.WriteLineAsync(parsed.GetValue(json) ? AuditJson.Serialise(report) : string.Join(Environment.NewLine, ReconciliationText.Lines(report)));
            return report.Verdict == AuditVerdict.Balanced ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }
}
