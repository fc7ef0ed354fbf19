using System.Globalization;

namespace Carousel.Broker.Hosting;

/// <summary>Why a connection ends, by whose doing.</summary>
internal enum CloseCause
{
    /// <summary>The client went away between two requests, as it should.</summary>
    ClientLeft,

    /// <summary>The client went away within a request or before its answer.</summary>
    ClientBroke,

    /// <summary>Nothing was asked for too long.</summary>
    Idle,

    /// <summary>A request arrives, or an answer is taken, too slowly.</summary>
    TooSlow,

    /// <summary>The client doesn't speak the protocol, or not in a version that is spoken here.</summary>
    Protocol,

    /// <summary>A produce request without answer failed: closing is the only way to say so.</summary>
    UnansweredError,

    /// <summary>There are too many connections.</summary>
    Refused,

    Stopping,

    /// <summary>A defect of this broker.</summary>
    Failure,
}

/// <summary>Why a connection ends, in words for whoever reads the log.</summary>
internal sealed record CloseReason(CloseCause Cause, string Text)
{
    public static readonly CloseReason ClientLeft = new(CloseCause.ClientLeft, "the client closed it");

    public static readonly CloseReason Stopping = new(CloseCause.Stopping, "the broker stops");

    public static CloseReason Idle(TimeSpan limit) => new(CloseCause.Idle, Invariant($"nothing was asked for {limit.TotalSeconds:0.#} s"));

    public static CloseReason HalfFrame(TimeSpan limit) => new(CloseCause.TooSlow, Invariant($"a request didn't arrive whole within {limit.TotalSeconds:0.#} s"));

    public static CloseReason Untaken(TimeSpan limit) => new(CloseCause.TooSlow, Invariant($"the client took nothing of an answer for {limit.TotalSeconds:0.#} s"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Ends the connection that the request came on, which is all that can be answered.</summary>
internal sealed class CloseConnectionException(CloseReason reason) : Exception(reason.Text)
{
    public CloseReason Reason { get; } = reason;
}
