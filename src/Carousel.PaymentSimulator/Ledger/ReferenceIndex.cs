namespace Carousel.PaymentSimulator.Ledger;

/// <summary>
/// Which references are known: 128-bit digest → ordinal of the entry, or "running" while the first call is on its way.
/// It keeps no text (some 40 bytes a reference); sharded so that growing one shard stops the others for nothing.
/// The invariant it guards: a reference is claimed by one call at a time, and never again once it has an entry.
/// </summary>
internal sealed class ReferenceIndex
{
    public const int Running = -1;
    public const int Claimed = -2;
    private readonly Dictionary<UInt128, int>[] _shards = new Dictionary<UInt128, int>[64];

    public ReferenceIndex()
    {
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = [];
        }
    }

    /// <returns><see cref="Claimed"/> when it is now the caller's, <see cref="Running"/>, or the ordinal of its entry.</returns>
    public int Claim(UInt128 key)
    {
        var shard = Shard(key);
        lock (shard)
        {
            if (shard.TryGetValue(key, out var ordinal))
            {
                return ordinal;
            }

            shard.Add(key, Running);
            return Claimed;
        }
    }

    public bool TryGet(UInt128 key, out int ordinalOrRunning)
    {
        var shard = Shard(key);
        lock (shard)
        {
            return shard.TryGetValue(key, out ordinalOrRunning);
        }
    }

    /// <summary>Gives a claim back because nothing was executed under it.</summary>
    public void Release(UInt128 key)
    {
        var shard = Shard(key);
        lock (shard)
        {
            if (shard.TryGetValue(key, out var ordinal) && ordinal == Running)
            {
                shard.Remove(key);
            }
        }
    }

    /// <returns>False when the key already has an entry: the file breaks the promise of one entry per reference.</returns>
    public bool Settle(UInt128 key, int ordinal)
    {
        var shard = Shard(key);
        lock (shard)
        {
            if (shard.TryGetValue(key, out var known) && known != Running)
            {
                return false;
            }

            shard[key] = ordinal;
            return true;
        }
    }

    private Dictionary<UInt128, int> Shard(UInt128 key) => _shards[(int)(key & 63)];
}
