namespace Carousel.Orders;

/// <summary>The names of the topics and groups of one pipeline. A prefix lets several pipelines share a cluster.</summary>
public sealed class CarouselTopics(string prefix = "")
{
    public const int PartitionCount = 24;

    public string Orders { get; } = prefix + "orders";

    public string OrdersValidated { get; } = prefix + "orders-validated";

    public string OrdersFulfilled { get; } = prefix + "orders-fulfilled";

    public string OrdersDeadLetters { get; } = prefix + "orders-dlq";

    /// <summary>Compacted, internal to the stage engine.</summary>
    public string StageProgress { get; } = prefix + "stage-progress";

    public string ValidationGroup { get; } = prefix + "carousel-validation";

    public string SettlementGroup { get; } = prefix + "carousel-settlement";

    public string FulfillmentGroup { get; } = prefix + "carousel-fulfillment";
}
