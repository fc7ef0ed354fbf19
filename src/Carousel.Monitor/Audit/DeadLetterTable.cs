using System.Runtime.InteropServices;
using Carousel.Orders;

namespace Carousel.Monitor.Audit;

/// <summary>The dead letters by the records they came from, about 60 bytes each.</summary>
internal sealed class DeadLetterTable
{
    private readonly Dictionary<string, Dictionary<PackedPosition, Letter>> _bySourceTopic = [];
    private readonly List<string> _reasons = [];
    private readonly Dictionary<(DeadLetterCategory Category, string Reason), long> _counts = [];

    public IReadOnlyList<DeadLetterCount> Counts =>
    [
        .. _counts
            .Select(count => new DeadLetterCount(count.Key.Category, count.Key.Reason, count.Value))
            .OrderBy(count => count.Category)
            .ThenBy(count => count.Reason, StringComparer.Ordinal),
    ];

    public string ReasonOf(in Letter letter) => _reasons[letter.Reason];

    /// <summary>False when the source record has one already; the new one is then not kept.</summary>
    public bool TryAdd(DeadLetter deadLetter, PackedPosition own)
    {
        _counts[(deadLetter.Category, deadLetter.Reason)] = _counts.GetValueOrDefault((deadLetter.Category, deadLetter.Reason)) + 1;
        if (!_bySourceTopic.TryGetValue(deadLetter.Topic, out Dictionary<PackedPosition, Letter>? letters))
        {
            _bySourceTopic.Add(deadLetter.Topic, letters = []);
        }

        var letter = new Letter(Digests.OfRecord(deadLetter.Key, deadLetter.Value), own, deadLetter.Category, ReasonIndex(deadLetter.Reason), SourceSeen: false);
        return letters.TryAdd(new PackedPosition(deadLetter.Partition, deadLetter.Offset), letter);
    }

    /// <summary>The dead letter of this source record, which is now known to exist; null when it has none.</summary>
    public Letter? Meet(string topic, PackedPosition source)
    {
        if (!_bySourceTopic.TryGetValue(topic, out Dictionary<PackedPosition, Letter>? letters))
        {
            return null;
        }

        ref Letter letter = ref CollectionsMarshal.GetValueRefOrNullRef(letters, source);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref letter))
        {
            return null;
        }

        letter = letter with { SourceSeen = true };
        return letter;
    }

    public Letter? Find(string topic, PackedPosition source) =>
        _bySourceTopic.TryGetValue(topic, out Dictionary<PackedPosition, Letter>? letters) && letters.TryGetValue(source, out Letter letter) ? letter : null;

    /// <summary>Dead letters whose source record nobody met.</summary>
    public IEnumerable<(string Topic, PackedPosition Source, Letter Letter)> Unmet() =>
        _bySourceTopic.SelectMany(topic => topic.Value.Where(letter => !letter.Value.SourceSeen).Select(letter => (topic.Key, letter.Key, letter.Value)));

    private short ReasonIndex(string reason)
    {
        int index = _reasons.IndexOf(reason);
        if (index < 0)
        {
            index = _reasons.Count;
            _reasons.Add(reason);
        }

        return checked((short)index);
    }
}

/// <param name="Digest">Of the key and value it carries.</param>
/// <param name="Own">Its own place in the dead-letter topic.</param>
internal readonly record struct Letter(ulong Digest, PackedPosition Own, DeadLetterCategory Category, short Reason, bool SourceSeen);
