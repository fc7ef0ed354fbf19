using Avro;

namespace Carousel.Orders.Avro;

/// <summary>
/// The registry as writers and readers of values see it. Implementations cache both ways for good (an id never changes its schema),
/// so a registry that is down stops nobody who has met the schema before.
/// </summary>
public interface ISchemaRegistry
{
    /// <summary>Registers the schema (and its references first) unless it is there already, and returns its id.</summary>
    /// <exception cref="RegistryUnavailableException">The registry gave no answer and the id isn't cached.</exception>
    /// <exception cref="SchemaRefusedException">The registry refused the schema, for instance as incompatible.</exception>
    ValueTask<int> RegisterAsync(SchemaDefinition definition, CancellationToken cancellationToken);

    /// <summary>The schema with this id, references resolved, or null when the registry says that it has none.</summary>
    /// <exception cref="RegistryUnavailableException">The registry gave no answer and the schema isn't cached.</exception>
    ValueTask<Schema?> FindAsync(int id, CancellationToken cancellationToken);
}

/// <summary>The registry couldn't be asked: a reason to wait and ask again, never a property of the value.</summary>
public sealed class RegistryUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The registry answered, and refused the schema; the message is its own.</summary>
public sealed class SchemaRefusedException(string message) : Exception(message);
