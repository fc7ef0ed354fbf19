using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Apis;

/// <summary>The records for one partition in a produce request, and what becomes of them.</summary>
internal sealed class ProduceEntry(Partition? partition, ReadOnlyMemory<byte> records, ProduceResponse.PartitionProduceResponse answer)
{
    public Partition? Partition => partition;

    public ReadOnlyMemory<byte> Records => records;

    public ProduceResponse.PartitionProduceResponse Answer => answer;

    /// <summary>Whether the records say that they are in a transaction, whatever else is wrong with them.</summary>
    public bool IsTransactional => records.Length >= RecordBatchHeader.Size && new RecordBatchHeader(records.Span).IsTransactional;

    public bool IsZstd => records.Length >= RecordBatchHeader.Size && new RecordBatchHeader(records.Span) is { Magic: RecordBatch.Magic, Compression: CompressionType.Zstd };

    /// <summary>What to wait for; -1 where nothing was appended.</summary>
    public long LastOffset { get; private set; } = -1;

    public void Take(AppendResult result)
    {
        if (result.IsSuccess)
        {
            (answer.BaseOffset, answer.LogAppendTimeMs, answer.LogStartOffset) = (result.BaseOffset, result.LogAppendTime, result.LogStartOffset);
            LastOffset = result.LastOffset;
        }
        else
        {
            Refuse(result.Error, result.Reason);
            answer.LogStartOffset = result.LogStartOffset;
            answer.RecordErrors = [.. (result.RefusedRecords ?? []).Select(index => new ProduceResponse.BatchIndexAndErrorMessage { BatchIndex = index })];
        }
    }

    public void Refuse(ErrorCode error, string? reason)
    {
        (answer.ErrorCode, answer.ErrorMessage) = (error, reason);
        (answer.BaseOffset, answer.LogAppendTimeMs, answer.LogStartOffset) = (-1, -1, -1);
        LastOffset = -1;
    }
}

/// <summary>All of a produce request, with the response that fills up meanwhile.</summary>
internal sealed class ProduceEntries
{
    /// <summary>The one client that may write to the coordinators' topics (Kafka's AdminUtils).</summary>
    private const string AdminClientId = "__admin_client";

    private readonly List<ProduceEntry> _all = [];

    public required ProduceResponse Response { get; init; }

    /// <summary>Those that nothing speaks against yet.</summary>
    public IEnumerable<ProduceEntry> Sound => _all.Where(entry => entry.Answer.ErrorCode == ErrorCode.None);

    public ProduceEntry? FirstError => _all.Find(entry => entry.Answer.ErrorCode != ErrorCode.None);

    public static ProduceEntries Of(ProduceRequest request, TopicCatalog topics, bool isById, string clientId)
    {
        var response = new ProduceResponse { Responses = new ProduceResponse.TopicProduceResponse[request.TopicData.Length] };
        var entries = new ProduceEntries { Response = response };
        for (int i = 0; i < request.TopicData.Length; i++)
        {
            ProduceRequest.TopicProduceData data = request.TopicData[i];
            ErrorCode error = topics.TryFind(isById, data.Name, data.TopicId, out Topic? topic);
            if (topic is { IsInternal: true } && clientId != AdminClientId)
            {
                error = ErrorCode.InvalidTopic;
            }

            response.Responses[i] = new ProduceResponse.TopicProduceResponse
            {
                Name = data.Name,
                TopicId = data.TopicId,
                PartitionResponses = [.. data.PartitionData.Select(partition => entries.Add(partition, topic, error))],
            };
        }

        return entries;
    }

    public void RefuseZstd()
    {
        foreach (ProduceEntry entry in Sound.Where(entry => entry.IsZstd).ToArray())
        {
            entry.Refuse(ErrorCode.UnsupportedCompressionType, "Produce requests of this version don't carry zstd.");
        }
    }

    public void Refuse(ErrorCode error, string? reason)
    {
        foreach (ProduceEntry entry in Sound.ToArray())
        {
            entry.Refuse(error, reason);
        }
    }

    /// <summary>The response once everything appended is durable, or why it isn't in time.</summary>
    public ValueTask<ProduceResponse?> AnswerWhenDurableAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _all.Count; i++)
        {
            if (_all[i].LastOffset < 0)
            {
                continue;
            }

            ValueTask<ErrorCode> durable = _all[i].Partition!.WaitUntilDurableAsync(_all[i].LastOffset, cancellationToken);
            if (!durable.IsCompletedSuccessfully)
            {
                return AwaitFromAsync(i, durable.AsTask(), timeout, time, cancellationToken);
            }

            Settle(_all[i], durable.Result);
        }

        return ValueTask.FromResult<ProduceResponse?>(Response);
    }

    private static void Settle(ProduceEntry entry, ErrorCode error)
    {
        if (error != ErrorCode.None)
        {
            entry.Refuse(error, reason: null);
        }
    }

    private async ValueTask<ProduceResponse?> AwaitFromAsync(
        int index, Task<ErrorCode> durable, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        while (true)
        {
            Settle(_all[index], await InTimeAsync(durable, timeout - time.GetElapsedTime(started), time));
            do
            {
                index++;
            }
            while (index < _all.Count && _all[index].LastOffset < 0);

            if (index >= _all.Count)
            {
                return Response;
            }

            durable = _all[index].Partition!.WaitUntilDurableAsync(_all[index].LastOffset, cancellationToken).AsTask();
        }
    }

    private static async ValueTask<ErrorCode> InTimeAsync(Task<ErrorCode> durable, TimeSpan left, TimeProvider time)
    {
        try
        {
            return await durable.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        }
        catch (TimeoutException)
        {
            return ErrorCode.RequestTimedOut;
        }
    }

    private ProduceResponse.PartitionProduceResponse Add(ProduceRequest.PartitionProduceData data, Topic? topic, ErrorCode error)
    {
        Partition? partition = topic?.Find(data.Index);
        var answer = new ProduceResponse.PartitionProduceResponse { Index = data.Index };
        var entry = new ProduceEntry(partition, data.Records, answer);
        _all.Add(entry);
        if (error != ErrorCode.None || partition is null)
        {
            entry.Refuse(
                error == ErrorCode.None ? ErrorCode.UnknownTopicOrPartition : error,
                error == ErrorCode.InvalidTopic ? $"Cannot append to internal topic {topic!.Name}" : null);
        }

        return answer;
    }
}
