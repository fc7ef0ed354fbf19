using Microsoft.Extensions.Logging;

namespace Carousel.Stages.Engine;

internal sealed partial class CommitLoop
{
    [LoggerMessage(1105, LogLevel.Information, "Stage {Stage} gave up {Partition} with {Records} records in hand, {Finished} of them finished; its next owner repeats them")]
    private static partial void LogDropped(ILogger logger, string stage, string partition, int records, int finished);
}
