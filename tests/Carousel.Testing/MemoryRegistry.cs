using Avro;
using Carousel.Orders.Avro;

namespace Carousel.Testing;

/// <summary>A registry in memory, that can be taken away. Thread-safe to register.</summary>
public sealed class MemoryRegistry : ISchemaRegistry
{
    private readonly SchemaNames _names = new();
    private readonly List<(string FullName, Schema Schema)> _schemas = [];

    public bool IsAway { get; set; }

    public ValueTask<int> RegisterAsync(SchemaDefinition definition, CancellationToken cancellationToken)
    {
        Answer();
        foreach (SchemaDefinition reference in definition.References)
        {
            Add(reference);
        }

        return ValueTask.FromResult(Add(definition));
    }

    public ValueTask<Schema?> FindAsync(int id, CancellationToken cancellationToken)
    {
        Answer();
        return ValueTask.FromResult(id >= 1 && id <= _schemas.Count ? _schemas[id - 1].Schema : null);
    }

    private int Add(SchemaDefinition definition)
    {
        lock (_schemas)
        {
            int index = _schemas.FindIndex(schema => schema.FullName == definition.FullName);
            if (index < 0)
            {
                _schemas.Add((definition.FullName, Schema.Parse(definition.Json, _names)));
                index = _schemas.Count - 1;
            }

            return index + 1;
        }
    }

    private void Answer()
    {
        if (IsAway)
        {
            throw new RegistryUnavailableException("The registry is away.");
        }
    }
}
