namespace Carousel.Orders.Avro;

/// <summary>The values of the four order topics of one pipeline, ready to be written and read. Thread-safe, made once per process.</summary>
public sealed class OrderValues
{
    public OrderValues(CarouselTopics topics, ISchemaRegistry registry)
    {
        var schemas = new OrderSchemas(topics);
        Orders = new(schemas.Order, schemas.OrderSchema, registry, OrderMapping.ToRecord, OrderMapping.ToOrder);
        Validated = new(schemas.Validated, schemas.ValidatedSchema, registry, OrderMapping.ToRecord, OrderMapping.ToValidatedOrder);
        Fulfilled = new(schemas.Fulfilled, schemas.FulfilledSchema, registry, OrderMapping.ToRecord, OrderMapping.ToFulfilledOrder);
        DeadLetters = new(schemas.DeadLetter, schemas.DeadLetterSchema, registry, DeadLetterMapping.ToRecord, DeadLetterMapping.ToDeadLetter);
    }

    public ValueCodec<Order> Orders { get; }

    public ValueCodec<ValidatedOrder> Validated { get; }

    public ValueCodec<FulfilledOrder> Fulfilled { get; }

    public ValueCodec<DeadLetter> DeadLetters { get; }
}
