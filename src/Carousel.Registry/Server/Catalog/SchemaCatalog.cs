using System.Text.Json;
using Carousel.Registry.Server.Log;
using Microsoft.Extensions.Logging;

namespace Carousel.Registry.Server.Catalog;

/// <summary>Holds the newest snapshot. Only the log's reading loop calls <see cref="Apply"/>; requests take <see cref="Current"/> once and stay with it.</summary>
internal sealed partial class SchemaCatalog(ILogger<SchemaCatalog> logger)
{
    private volatile CatalogSnapshot _current = CatalogSnapshot.Empty;

    public CatalogSnapshot Current => _current;

    public void Apply(LogEntry entry)
    {
        try
        {
            _current = _current.Apply(SchemasRecordCodec.Decode(entry));
        }
        catch (JsonException exception)
        {
            // Somebody else wrote it; refusing to start would help nobody, and no schema of ours depends on it.
            LogForeignEntry(exception, entry.Key.Length, exception.Message);
        }
    }
}
