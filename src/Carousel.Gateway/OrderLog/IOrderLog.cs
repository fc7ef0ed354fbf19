using Carousel.Orders;

namespace Carousel.Gateway.OrderLog;

/// <summary>The log that accepted orders are written to.</summary>
internal interface IOrderLog
{
    /// <summary>Records and bytes that were handed over and are neither acknowledged nor refused.</summary>
    (int Records, long Bytes) Waiting { get; }

    /// <summary>Null when the log was reached recently, otherwise a sentence that says what is wrong.</summary>
    string? Trouble { get; }

    /// <summary>Returns when every in-sync replica has the record.</summary>
    /// <exception cref="OrderLogException">The log doesn't have it, or didn't say so in time.</exception>
    Task AppendAsync(OrderRecord record);
}

/// <param name="Key">What the record is partitioned by: customer id or order id.</param>
/// <param name="Client">Name of the API client that posted it.</param>
internal sealed record OrderRecord(OrderId OrderId, string Key, byte[] Value, string Client, string? TraceParent, string? TraceState);

/// <summary>An order wasn't accepted by the log.</summary>
internal sealed class OrderLogException(OrderLogFailure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public OrderLogFailure Failure { get; } = failure;
}

internal enum OrderLogFailure
{
    /// <summary>The buffer is full; the record was never taken.</summary>
    BufferFull,

    /// <summary>The time limit or an error ended it; the record is not in the log and never will be.</summary>
    NotWritten,

    /// <summary>It was sent and not acknowledged; only the log knows.</summary>
    Unknown,
}
