namespace Carousel.Orders;

/// <summary>Names of record headers.</summary>
public static class OrderHeaders
{
    /// <summary>UTF-8 name of the API client that posted the order; only that client may read it back.</summary>
    public const string Client = "carousel-client";

    /// <summary>W3C trace context.</summary>
    public const string TraceParent = "traceparent";

    public const string TraceState = "tracestate";
}

/// <summary>What a record of <c>orders</c> is keyed and so ordered by.</summary>
public enum OrderPartitioning
{
    /// <summary>By customerId: the orders of one customer keep their order.</summary>
    Customer,

    /// <summary>By orderId: no order between a customer's orders, and no hot partition by a busy customer.</summary>
    Order,
}
