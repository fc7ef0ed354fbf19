using System.Globalization;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;
using Carousel.Monitor.Audit;
using Carousel.Orders.Avro;
using Carousel.Registry.Client;
using Carousel.Validation;
using Carousel.Validation.Reservations;

namespace Carousel.Cli.Auditing;

/// <summary>Runs the auditor on a pipeline's topics, ledger and database.</summary>
internal static class PipelineAudit
{
    /// <param name="ledger">The payment provider's address for people.</param>
    public static async Task<AuditReport> RunAsync(CarouselSettings settings, Uri ledger, CancellationToken cancellationToken)
    {
        SettingsLoader.RequireKafka(settings);
        using var registry = new RegistryClient(new HttpClient(), settings.Registry);
        using var log = new KafkaAuditLog(settings.Kafka, new KafkaAuditLogOptions(), TimeProvider.System);
        using var http = new HttpClient { BaseAddress = ledger, Timeout = Timeout.InfiniteTimeSpan };
        await using IReservationReader reader = ValidationDatabase.OpenReader(PipelineServices.DatabaseOptions(settings));
        var sources = new AuditSources(log, new HttpPaymentLedger(http), new ReservationBooks(reader));
        var auditor = new Auditor(sources, new OrderValues(settings.Topics, registry), settings.Topics, new AuditOptions());
        return await ProgressLine.ShowAsync(
            "auditing", show => auditor.RunAsync(new ImmediateProgress<AuditProgress>(progress => show(Text(progress))), cancellationToken));
    }

    private static string Text(AuditProgress progress)
    {
        string of = progress.Expected is { } expected ? string.Create(CultureInfo.InvariantCulture, $" of {expected:N0}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"auditing {progress.Reading}: {progress.Read:N0}{of}");
    }
}
