namespace Carousel.Registry.Server.Log.InMemory;

/// <summary>The topic's twin in memory, which several instances may share; it lives as long as the process.</summary>
internal sealed class InMemorySchemasTopic
{
    private readonly Lock _lock = new();
    private readonly List<LogEntry> _entries = [];
    private readonly List<Action<LogEntry>> _readers = [];

    /// <summary>Serialises writers, as fencing does in Kafka.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    public IReadOnlyList<LogEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    public void Attach(Action<LogEntry> reader)
    {
        lock (_lock)
        {
            _entries.ForEach(reader);
            _readers.Add(reader);
        }
    }

    public void Detach(Action<LogEntry> reader)
    {
        lock (_lock)
        {
            _readers.Remove(reader);
        }
    }

    public void Append(IReadOnlyList<LogEntry> entries)
    {
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                _entries.Add(entry);
                _readers.ForEach(reader => reader(entry));
            }
        }
    }
}
