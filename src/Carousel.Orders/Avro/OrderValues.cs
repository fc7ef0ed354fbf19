namespace Carousel.Orders.Avro;

/// <summary>The values of the four order topics of one pipeline, ready to be written and read. Thread-safe, made once per process.</summary>
public sealed class OrderValues
{
    public OrderValues(CarouselTopics topics, ISchemaRegistry registry)
    {
        var schemas = new OrderSchemas(topics);
        Orders = new(schemas.Order, new(schemas.OrderSchema, OrderFormat.Write, OrderFormat.ReadOrder, OrderMapping.ToOrder), registry);
        Validated = new(schemas.Validated, new(schemas.ValidatedSchema, OrderFormat.Write, OrderFormat.ReadValidated, OrderMapping.ToValidatedOrder), registry);
        Fulfilled = new(schemas.Fulfilled, new(schemas.FulfilledSchema, OrderFormat.Write, OrderFormat.ReadFulfilled, OrderMapping.ToFulfilledOrder), registry);
        DeadLetters = new(schemas.DeadLetter, new(schemas.DeadLetterSchema, DeadLetterFormat.Write, DeadLetterFormat.Read, DeadLetterMapping.ToDeadLetter), registry);
    }

    public ValueCodec<Order> Orders { get; }

    public ValueCodec<ValidatedOrder> Validated { get; }

    public ValueCodec<FulfilledOrder> Fulfilled { get; }

    public ValueCodec<DeadLetter> DeadLetters { get; }
}
