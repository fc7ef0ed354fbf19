using System.ComponentModel.DataAnnotations;
using Carousel.PaymentSimulator.Faults;

namespace Carousel.PaymentSimulator;

/// <summary>Settings of the payment simulator. It listens on 127.0.0.1 only, whatever is set here.</summary>
public sealed class PaymentSimulatorOptions
{
    /// <summary>Where the ledger lives; made if missing. One process at a time: a lock file keeps a second one out.</summary>
    [Required]
    public string DataDirectory { get; set; } = Path.Combine("data", "payments");

    /// <summary>HTTP/2 without TLS (prior knowledge) for services. 0 takes any free port. Default 7080.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 7080;

    /// <summary>
    /// HTTP/1.1 for people, curl and the auditor; the same routes. Default: <see cref="Port"/> + 1, or any free port when that is 0.
    /// A port of its own because Kestrel can't tell HTTP/1.1 from HTTP/2 on one port without TLS.
    /// </summary>
    [Range(0, 65535)]
    public int? AdminPort { get; set; }

    /// <summary>The faults to begin with; PUT /faults changes them while it runs.</summary>
    [Required]
    public FaultSettings Faults { get; set; } = new();

    /// <summary>How long a call that "never answers" is held before its connection is dropped. Default 60 s, 1 s to 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan HangMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Entries that may wait for the disk; above it charges are turned away with 503. Default 65,536, 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int LedgerQueueMax { get; set; } = 65_536;

    /// <summary>
    /// How long the first entry of a group waits for company before the disk is asked. An fsync costs more CPU than the rest of a charge,
    /// and a charge takes 100 ms anyway. Default 2 ms, 0 to 100 ms.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.100")]
    public TimeSpan LedgerLinger { get; set; } = TimeSpan.FromMilliseconds(2);
}
