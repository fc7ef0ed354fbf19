namespace Carousel.Broker.Log;

/// <summary>What the checkpoints say of a partition before it's opened.</summary>
/// <param name="IsClean">The directory was closed cleanly: nothing needs to be scanned.</param>
/// <param name="RecoveryPoint">Everything below was flushed.</param>
/// <param name="StartOffset">Where the log begins for readers.</param>
internal readonly record struct RecoveryHints(bool IsClean, long RecoveryPoint, long StartOffset);
