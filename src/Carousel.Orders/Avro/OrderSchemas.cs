using Avro;

namespace Carousel.Orders.Avro;

/// <summary>The schemas of <c>schemas/*.avsc</c> under the subjects of one pipeline's topics.</summary>
internal sealed class OrderSchemas
{
    private readonly SchemaNames _names = new();

    public OrderSchemas(CarouselTopics topics)
    {
        (Order, OrderSchema) = Load(topics.Orders, "Order");
        (Validated, ValidatedSchema) = Load(topics.OrdersValidated, "ValidatedOrder", Order);
        (Fulfilled, FulfilledSchema) = Load(topics.OrdersFulfilled, "FulfilledOrder", Order);
        (DeadLetter, DeadLetterSchema) = Load(topics.OrdersDeadLetters, "DeadLetter");
    }

    public SchemaDefinition Order { get; }

    public RecordSchema OrderSchema { get; }

    public SchemaDefinition Validated { get; }

    public RecordSchema ValidatedSchema { get; }

    public SchemaDefinition Fulfilled { get; }

    public RecordSchema FulfilledSchema { get; }

    public SchemaDefinition DeadLetter { get; }

    public RecordSchema DeadLetterSchema { get; }

    private (SchemaDefinition Definition, RecordSchema Schema) Load(string topic, string name, params SchemaDefinition[] references)
    {
        using Stream resource = typeof(OrderSchemas).Assembly.GetManifestResourceStream($"{name}.avsc")
            ?? throw new InvalidOperationException($"The schema {name}.avsc isn't embedded in this assembly.");
        using var text = new StreamReader(resource);
        string json = text.ReadToEnd();
        var schema = (RecordSchema)Schema.Parse(json, _names);
        return (new SchemaDefinition($"{topic}-value", schema.Fullname, json, references), schema);
    }
}
