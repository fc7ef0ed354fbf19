using Avro;
using Carousel.Orders.Avro;

namespace Carousel.Orders.Tests;

/// <summary>A registry in memory: ids from 1 in order of registration, and whatever foreign schemas a test adds.</summary>
internal sealed class FakeRegistry : ISchemaRegistry
{
    private readonly Lock _lock = new();
    private readonly SchemaNames _names = new();
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<int, Schema> _schemas = [];

    public bool IsDown { get; set; }

    public int Lookups { get; private set; }

    public int Add(string json) => Add(Schema.Parse(json));

    public ValueTask<int> RegisterAsync(SchemaDefinition definition, CancellationToken cancellationToken)
    {
        Demand();
        lock (_lock)
        {
            return ValueTask.FromResult(RegisterNeedsLock(definition));
        }
    }

    public ValueTask<Schema?> FindAsync(int id, CancellationToken cancellationToken)
    {
        Demand();
        lock (_lock)
        {
            Lookups++;
            return ValueTask.FromResult(_schemas.GetValueOrDefault(id));
        }
    }

    private int RegisterNeedsLock(SchemaDefinition definition)
    {
        foreach (SchemaDefinition reference in definition.References)
        {
            RegisterNeedsLock(reference);
        }

        if (!_ids.TryGetValue(definition.FullName, out int id))
        {
            _ids[definition.FullName] = id = Add(Schema.Parse(definition.Json, _names));
        }

        return id;
    }

    private int Add(Schema schema)
    {
        int id = _schemas.Count + 1;
        _schemas[id] = schema;
        return id;
    }

    private void Demand()
    {
        if (IsDown)
        {
            throw new RegistryUnavailableException("connection refused");
        }
    }
}
