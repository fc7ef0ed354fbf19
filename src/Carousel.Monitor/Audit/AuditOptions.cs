using System.ComponentModel.DataAnnotations;

namespace Carousel.Monitor.Audit;

public sealed class AuditOptions
{
    /// <summary>Examples kept of each kind of finding. The count stays exact.</summary>
    [Range(1, 10_000)]
    public int ExamplesMax { get; set; } = 10;
}

/// <summary>Whom the audit asks.</summary>
public sealed record AuditSources(IAuditLog Log, IPaymentLedger Ledger, IBooks Books);

/// <param name="Reading">A topic's name, <c>ledger</c> or <c>database</c>.</param>
/// <param name="Read">Records or entries of it so far.</param>
/// <param name="Expected">Offsets in it, some of which hold no record; null where nobody knows.</param>
public sealed record AuditProgress(string Reading, long Read, long? Expected);
