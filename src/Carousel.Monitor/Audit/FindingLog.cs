namespace Carousel.Monitor.Audit;

/// <summary>Collects findings: exact counts, a bounded number of examples of each kind.</summary>
internal sealed class FindingLog(int examplesMax)
{
    private readonly SortedDictionary<FindingKind, (long Count, List<AuditFinding> Examples)> _groups = [];

    public void Add(FindingKind kind, string message, string? orderId = null, LogPosition? position = null, decimal? amount = null, string? currency = null)
    {
        (long count, List<AuditFinding> examples) = _groups.TryGetValue(kind, out (long Count, List<AuditFinding> Examples) known) ? known : (0, []);
        if (examples.Count < examplesMax)
        {
            examples.Add(new AuditFinding(message, orderId, position, amount, currency));
        }

        _groups[kind] = (count + 1, examples);
    }

    public void AddAll(FindingLog other)
    {
        foreach ((FindingKind kind, (long count, List<AuditFinding> examples)) in other._groups)
        {
            examples.ForEach(finding => Add(kind, finding.Message, finding.OrderId, finding.Position, finding.Amount, finding.Currency));
            _groups[kind] = (_groups[kind].Count + count - examples.Count, _groups[kind].Examples);
        }
    }

    public IReadOnlyList<FindingGroup> Groups() =>
        [.. _groups.Select(group => new FindingGroup(group.Key, FindingKinds.InvariantOf(group.Key), group.Value.Count, group.Value.Examples))];
}
