namespace Carousel.Registry.Client;

/// <summary>Remembers for a while which ids the registry didn't know. Ids come from records that anybody may have written, so it is bounded.</summary>
internal sealed class UnknownIds(TimeSpan lifetime, int capacity, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _learnedAt = [];
    private readonly Queue<(int Id, long LearnedAt)> _byAge = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _learnedAt.Count;
            }
        }
    }

    public bool Contains(int id)
    {
        lock (_lock)
        {
            return _learnedAt.TryGetValue(id, out var learnedAt) && clock.GetElapsedTime(learnedAt) < lifetime;
        }
    }

    public void Add(int id)
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            _learnedAt[id] = now;
            _byAge.Enqueue((id, now));
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count > capacity || clock.GetElapsedTime(oldest.LearnedAt) >= lifetime))
            {
                _byAge.Dequeue();
                if (_learnedAt.TryGetValue(oldest.Id, out var learnedAt) && learnedAt == oldest.LearnedAt)
                {
                    _learnedAt.Remove(oldest.Id);
                }
            }
        }
    }
}
