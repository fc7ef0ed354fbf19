using System.ComponentModel.DataAnnotations;
using Carousel.Orders;

namespace Carousel.Validation;

/// <summary>Where customers, stock and reservations are kept, and what <c>orders</c> is keyed by.</summary>
public sealed class ValidationOptions
{
    /// <summary>
    /// The SQLite file. Its folder must exist and be writable, also for those who only read: SQLite keeps two more files beside it (-wal, -shm).
    /// </summary>
    [Required]
    public string DatabasePath { get; set; } = "";

    /// <summary>What the key of a record in <c>orders</c> must be. Default: the customer's id.</summary>
    public OrderPartitioning Partitioning { get; set; } = OrderPartitioning.Customer;

    /// <summary>
    /// How long a statement waits for another process to release the database before the stage counts it as away. Default 5 s: longer than any batch
    /// or checkpoint takes, shorter than a poll interval.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:05:00")]
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Page cache of the writing connection. Default 64 MiB.</summary>
    [Range(1024 * 1024, int.MaxValue)]
    public int WriterCacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Lookups that a reader answers at the same time; further ones wait. Default 8, 2 MiB of page cache each.</summary>
    [Range(1, 1_000)]
    public int ReaderConnectionsMax { get; set; } = 8;
}
