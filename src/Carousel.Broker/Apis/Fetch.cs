using Carousel.Broker.Hosting;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>
/// One fetch under way: its partitions, what was read of them last, and the response made of that. Owns the records, which the response refers to, and
/// their share of the memory; disposing gives both back.
/// </summary>
internal sealed class Fetch : IDisposable
{
    private const sbyte ReadCommitted = 1;
    private readonly List<FetchedPartition> _partitions = [];
    private readonly int _bytesMax;
    private readonly int _bytesMin;
    private MemoryBudget? _memory;
    private int _bytesTaken;
    private int _bytesRead;

    public Fetch(FetchRequest request, TopicCatalog topics, bool isById, int bytesMax)
    {
        IsReadCommitted = request.IsolationLevel == ReadCommitted;
        Response = new FetchResponse { Responses = [.. request.Topics.Select(topic => Resolve(topic, topics, isById))] };
        long wanted = _partitions.Sum(partition => (long)partition.BytesMax);
        _bytesMax = (int)Math.Max(0, Math.Min(wanted, Math.Min(request.MaxBytes, bytesMax)));
        _bytesMin = Math.Min(request.MinBytes, Math.Min(request.MaxBytes, bytesMax));
    }

    public FetchResponse Response { get; }

    public bool IsReadCommitted { get; }

    /// <summary>Whether to answer with what was read: it's as much as was asked for, or there is an error to tell, or nothing to wait for.</summary>
    public bool IsEnough =>
        _bytesRead >= _bytesMin || !_partitions.Exists(partition => partition.IsReadable) || _partitions.Exists(partition => partition.MustBeTold);

    /// <summary>Reads all partitions in the order of the request, the first batch of all even if it's larger than the bounds.</summary>
    public async ValueTask ReadAsync(MemoryBudget memory, CancellationToken cancellationToken)
    {
        ReleaseRecords();
        int bytes = (int)Math.Min(_bytesMax, memory.BytesMax);
        await memory.TakeAsync(bytes, cancellationToken);
        (_memory, _bytesTaken) = (memory, bytes);
        int left = _bytesMax;
        foreach (FetchedPartition partition in _partitions)
        {
            int read = partition.Read(left, IsReadCommitted, minOneBatch: _bytesRead == 0);
            _bytesRead += read;
            left = Math.Max(0, left - read);
        }

        int surplus = Math.Max(0, _bytesTaken - _bytesRead);
        _bytesTaken -= surplus;
        memory.Return(surplus);
    }

    /// <summary>Watches every partition that may have more to give than was read of it.</summary>
    public void Watch(DataWait wait)
    {
        foreach (FetchedPartition partition in _partitions)
        {
            partition.Watch(wait, IsReadCommitted);
        }
    }

    /// <summary>Gives back what was read, but remembers up to where.</summary>
    public void ReleaseRecords()
    {
        foreach (FetchedPartition partition in _partitions)
        {
            partition.Release();
        }

        _memory?.Return(_bytesTaken);
        (_memory, _bytesTaken, _bytesRead) = (null, 0, 0);
    }

    public void Dispose() => ReleaseRecords();

    private FetchResponse.FetchableTopicResponse Resolve(FetchRequest.FetchTopic asked, TopicCatalog topics, bool isById)
    {
        ErrorCode error = topics.TryFind(isById, asked.Topic, asked.TopicId, out Topic? topic);
        var partitions = new FetchResponse.PartitionData[asked.Partitions.Length];
        for (int i = 0; i < partitions.Length; i++)
        {
            var partition = new FetchedPartition(asked.Partitions[i], topic, error);
            _partitions.Add(partition);
            partitions[i] = partition.Answer;
        }

        return new FetchResponse.FetchableTopicResponse { Topic = asked.Topic, TopicId = asked.TopicId, Partitions = partitions };
    }
}
