using Avro;
using Carousel.Orders.Avro;

namespace Carousel.Gateway.Tests;

/// <summary>Gives every schema an id, after as many failures as a test wants.</summary>
internal sealed class FakeRegistry(int failures = 0) : ISchemaRegistry
{
    public const int OrderSchemaId = 7;
    private SchemaDefinition? _definition;

    public int Calls { get; private set; }

    public ValueTask<int> RegisterAsync(SchemaDefinition definition, CancellationToken cancellationToken)
    {
        if (++Calls <= failures)
        {
            throw new RegistryUnavailableException("connection refused");
        }

        _definition = definition;
        return ValueTask.FromResult(OrderSchemaId);
    }

    public ValueTask<Schema?> FindAsync(int id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(id == OrderSchemaId && _definition is { } known ? Schema.Parse(known.Json) : null);
}
