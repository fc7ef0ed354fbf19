using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>Where the producer ids that were given out are remembered.</summary>
internal interface IProducerIdReservations
{
    /// <summary>The first id that was never reserved; 0 in a new directory.</summary>
    long NextProducerId { get; }

    /// <summary>Moves <see cref="NextProducerId"/> up, durably.</summary>
    /// <returns>None, or why it isn't durable: then the ids below mustn't be used.</returns>
    ValueTask<ErrorCode> ReserveAsync(long nextProducerId);
}

/// <summary>
/// Gives out producer ids, each once in the life of a data directory: a block is reserved on disk before its first id is used, and what a crash leaves of a
/// block is never used (KIP-730's blocks of 1000).
/// </summary>
internal sealed class ProducerIds(IProducerIdReservations reservations)
{
    public const int BlockSize = 1000;

    private readonly Gate _gate = new();
    private long _next;
    private long _end;
    private long _used = -1;

    /// <summary>Tells of an id in use, which isn't given out again even if the reservations were lost. Before the first <see cref="NextAsync"/>.</summary>
    public void MarkUsed(long producerId) => _used = Math.Max(_used, producerId);

    /// <summary>An id that nobody has, or the error that kept its block from the disk.</summary>
    public async ValueTask<(ErrorCode Error, long ProducerId)> NextAsync()
    {
        await _gate.EnterAsync();
        try
        {
            if (_next == _end)
            {
                long first = Math.Max(reservations.NextProducerId, _used + 1);
                ErrorCode error = await reservations.ReserveAsync(first + BlockSize);
                if (error != ErrorCode.None)
                {
                    return (error, TransactionMetadata.NoProducerId);
                }

                (_next, _end) = (first, first + BlockSize);
            }

            return (ErrorCode.None, _next++);
        }
        finally
        {
            _gate.Leave();
        }
    }
}
