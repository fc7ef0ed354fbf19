using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Carousel.Broker.Transactions;

/// <summary>All transactional ids, found by name and by the producer id that each has at present. Any thread.</summary>
internal sealed class TransactionalIds(Func<string, int> partitionOf)
{
    private readonly ConcurrentDictionary<string, TransactionalId> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, TransactionalId> _byProducerId = new();

    public IEnumerable<TransactionalId> All => _byName.Select(pair => pair.Value);

    public TransactionalId? Find(string name) => _byName.GetValueOrDefault(name);

    public TransactionalId FindOrAdd(string name) =>
        _byName.GetOrAdd(name, static (name, partitionOf) => new TransactionalId(name, partitionOf(name)), partitionOf);

    public bool TryFindProducer(long producerId, [NotNullWhen(true)] out TransactionalId? id) => _byProducerId.TryGetValue(producerId, out id);

    /// <summary>Makes a state the present one, for everybody to see. Inside the id's gate, after the state was written.</summary>
    public void Publish(TransactionalId id, TransactionMetadata next)
    {
        long? before = id.Metadata?.ProducerId;
        id.Metadata = next;
        _byProducerId[next.ProducerId] = id;
        if (before is { } replaced && replaced != next.ProducerId)
        {
            _byProducerId.TryRemove(KeyValuePair.Create(replaced, id));
        }
    }

    /// <summary>Forgets the id. Inside its gate; who waits there finds it removed.</summary>
    public void Remove(TransactionalId id)
    {
        id.IsRemoved = true;
        _byName.TryRemove(KeyValuePair.Create(id.Name, id));
        if (id.Metadata is { } metadata)
        {
            _byProducerId.TryRemove(KeyValuePair.Create(metadata.ProducerId, id));
        }

        id.Metadata = null;
    }
}
