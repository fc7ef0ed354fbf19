namespace Carousel.Stages.Progress;

/// <summary>Consecutive offsets, of which <see cref="End"/> is one past the last.</summary>
internal readonly record struct OffsetRun(long First, long End)
{
    public override string ToString() => $"{First}..{End - 1}";
}

/// <summary>A record that was tried in vain, and when it is to be tried again.</summary>
/// <param name="Attempts">Made so far, at least 1.</param>
/// <param name="Delay">Left of the wait for the next attempt when this was written.</param>
/// <param name="Age">Of the record when the next attempt is due, without the time in which a dependency was away.</param>
internal readonly record struct WaitingRecord(long Offset, int Attempts, TimeSpan Delay, TimeSpan Age);
