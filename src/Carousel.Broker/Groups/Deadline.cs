namespace Carousel.Broker.Groups;

/// <summary>
/// One moment that is awaited, moved or given up at will. What is to happen then runs in the loop of its <see cref="DeadlineQueue"/>, and may come just when
/// another thread has moved the moment: so it asks <see cref="IsDue"/> under the lock of the state it is about to change.
/// </summary>
internal sealed class Deadline(DeadlineQueue queue, Action expire)
{
    internal const long Never = long.MaxValue;

    /// <summary>In timestamps of the queue's clock; the queue's lock guards it and the entry.</summary>
    internal long DueAt { get; set; } = Never;

    /// <summary>The moment of the one entry in the queue that counts; <see cref="Never"/> where there is none.</summary>
    internal long QueuedFor { get; set; } = Never;

    /// <summary>Whether the moment has come.</summary>
    public bool IsDue => queue.IsDue(this);

    public void Set(TimeSpan after) => queue.Set(this, after);

    public void Cancel() => queue.Set(this, null);

    internal void Expire() => expire();
}
