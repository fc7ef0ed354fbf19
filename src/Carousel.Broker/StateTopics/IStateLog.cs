using Carousel.Wire;

namespace Carousel.Broker.StateTopics;

/// <summary>The log of one partition of a state topic, as far as coordinators need it.</summary>
internal interface IStateLog
{
    /// <summary>Gives the batch its offsets and writes it. It's in the log, though not yet durable, when this returns. Any thread.</summary>
    /// <param name="batch">One record batch, which is changed in place.</param>
    StateAppend Append(byte[] batch);

    /// <summary>Completes when nothing can take the record at this offset back: None, or the error of a log that can't be written any more.</summary>
    ValueTask<ErrorCode> WaitUntilDurableAsync(long offset);

    /// <summary>Whole batches, the first of them the one that holds the offset or the next one there is; empty at the end of the log.</summary>
    /// <param name="offset">At or above 0; records below the log's start are gone.</param>
    ReadOnlyMemory<byte> Read(long offset);
}
