using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Catalog;

internal sealed partial class SchemaCatalog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning,
        Message = "An entry of the schemas topic with a key of {KeyBytes} bytes isn't a registry's and is ignored: {Reason}")]
    private partial void LogForeignEntry(Exception exception, int keyBytes, string reason);
}
