using Avro;
using Carousel.Orders.Avro;

namespace Carousel.Monitor.Tests.Audit;

/// <summary>Hands out ids in order and remembers every schema, so that values are what they are in the topics.</summary>
internal sealed class FakeRegistry : ISchemaRegistry
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<int, Schema> _schemas = [];
    private readonly SchemaNames _names = new();

    public bool IsAway { get; set; }

    public async ValueTask<int> RegisterAsync(SchemaDefinition definition, CancellationToken cancellationToken)
    {
        foreach (SchemaDefinition reference in definition.References)
        {
            await RegisterAsync(reference, cancellationToken);
        }

        if (!_ids.TryGetValue(definition.FullName, out int id))
        {
            id = _ids.Count + 1;
            _ids.Add(definition.FullName, id);
            _schemas.Add(id, Schema.Parse(definition.Json, _names));
        }

        return id;
    }

    public ValueTask<Schema?> FindAsync(int id, CancellationToken cancellationToken) =>
        IsAway ? throw new RegistryUnavailableException("it is away") : ValueTask.FromResult(_schemas.GetValueOrDefault(id));
}
