namespace Carousel.Testing.Proxies;

/// <summary>What the network does to one request or its reply. It never reorders what is on one connection, and a reset is all that a client sees of a loss.</summary>
public abstract record Disturbance
{
    private Disturbance()
    {
    }

    /// <summary>The request, and all behind it on its connection, waits for the task.</summary>
    public sealed record HoldRequest(Task Until) : Disturbance;

    /// <summary>The reply, and all behind it on its connection, waits for the task.</summary>
    public sealed record HoldReply(Task Until) : Disturbance;

    /// <summary>The connection is reset, and the broker never sees the request.</summary>
    public sealed record LoseRequest : Disturbance;

    /// <summary>The broker does what is asked, and the connection is reset in place of its reply.</summary>
    public sealed record LoseReply : Disturbance;

    /// <summary>
    /// The connection is reset, and the request reaches the broker all the same, when the task ends: a straggler. The client has a new connection by then,
    /// and may have sent it again.
    /// </summary>
    public sealed record DeliverLate(Task Until) : Disturbance;
}

/// <summary>Sees all traffic of a <see cref="KafkaProxy"/>, and decides what becomes of it. Called by all connections at once.</summary>
public interface IKafkaTraffic
{
    /// <summary>The broker doesn't have the request yet. Null lets it through.</summary>
    Disturbance? OnRequest(KafkaRequest request);

    /// <summary>The client doesn't have the reply yet.</summary>
    void OnReply(KafkaReply reply)
    {
    }

    /// <summary>The broker answered a request that was delivered late. The reply goes nowhere.</summary>
    void OnLateReply(KafkaReply reply)
    {
    }
}
