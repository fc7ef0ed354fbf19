using Microsoft.Extensions.Logging;

namespace Carousel.PaymentSimulator.Ledger;

internal sealed partial class LedgerFile
{
    [LoggerMessage(7001, LogLevel.Warning, "The last write to {Path} was torn: cut at byte {At}, {Bytes} bytes dropped. None of them was ever answered.")]
    private partial void LogTailCut(string path, long at, long bytes);
}
