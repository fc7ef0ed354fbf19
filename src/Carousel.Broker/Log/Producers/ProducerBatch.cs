using System.Runtime.CompilerServices;

namespace Carousel.Broker.Log;

/// <summary>What is remembered of a batch, to recognise it when it's sent again.</summary>
/// <param name="LastSequence">-1 where the batch had no sequence.</param>
/// <param name="OffsetDelta">Last offset minus first offset.</param>
/// <param name="Timestamp">Its youngest record's, in milliseconds.</param>
internal readonly record struct ProducerBatch(int LastSequence, long LastOffset, int OffsetDelta, long Timestamp)
{
    /// <summary>Sequences start again at 0 after 2147483647.</summary>
    public int FirstSequence => LastSequence < 0 ? -1 : (LastSequence - OffsetDelta) & int.MaxValue;

    public long FirstOffset => LastOffset - OffsetDelta;
}

/// <summary>The last five batches of a producer in a partition, oldest first: as many as a client has in flight.</summary>
internal struct ProducerBatches
{
    public const int Capacity = 5;

    private Slots _slots;

    public int Count { get; private set; }

    public readonly ProducerBatch this[int index] => _slots[index];

    public readonly ProducerBatch Last => _slots[Count - 1];

    public void Add(ProducerBatch batch)
    {
        if (Count == Capacity)
        {
            for (int index = 1; index < Capacity; index++)
            {
                _slots[index - 1] = _slots[index];
            }

            Count--;
        }

        _slots[Count++] = batch;
    }

    public void Clear() => Count = 0;

    /// <summary>The batch with exactly these sequences.</summary>
    public readonly bool TryFind(int firstSequence, int lastSequence, out ProducerBatch batch)
    {
        for (int index = 0; index < Count; index++)
        {
            batch = _slots[index];
            if (batch.FirstSequence == firstSequence && batch.LastSequence == lastSequence)
            {
                return true;
            }
        }

        batch = default;
        return false;
    }

    [InlineArray(Capacity)]
    private struct Slots
    {
        private ProducerBatch _first;
    }
}
