using Carousel.Orders;

namespace Carousel.Fulfillment;

/// <summary>How the fulfillment stage reads its records.</summary>
public sealed class FulfillmentOptions
{
    /// <summary>What the key of a record in <c>orders-validated</c> must be; the same as validation's. Default: the customer's id.</summary>
    public OrderPartitioning Partitioning { get; set; } = OrderPartitioning.Customer;
}
