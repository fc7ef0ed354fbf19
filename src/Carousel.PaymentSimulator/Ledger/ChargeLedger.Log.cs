using Microsoft.Extensions.Logging;

namespace Carousel.PaymentSimulator.Ledger;

internal sealed partial class ChargeLedger
{
    [LoggerMessage(7002, LogLevel.Information, "Ledger {Directory} opened with {Entries} entries.")]
    private partial void LogOpened(string directory, int entries);

    [LoggerMessage(7003, LogLevel.Error, "The ledger can't be written: charges are refused from now on. Free the disk and start again.")]
    private partial void LogWriterFailed(Exception exception);
}
