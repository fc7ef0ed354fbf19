namespace Carousel.Broker.Log;

/// <summary>When a record counts as stored.</summary>
internal enum FlushMode
{
    /// <summary>Once it is on disk: the high watermark is the offset that was flushed.</summary>
    Fsync,

    /// <summary>Once the operating system has it: a power loss may take it back.</summary>
    OperatingSystem,
}
