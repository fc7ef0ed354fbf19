using System.Runtime.InteropServices;
using Carousel.Broker.Hosting;
using Carousel.Broker.Partitions;
using Carousel.Broker.Topics;
using Carousel.Wire;
using Carousel.Wire.Records;

namespace Carousel.Broker.Apis;

/// <summary>
/// Appends record batches. Everything is appended before the first wait, so the requests of a connection are appended in their order while the answers of
/// earlier ones wait for the disk.
/// </summary>
internal sealed class ProduceHandler(TopicCatalog topics, ITransactionVerifier verifier, IImplicitPartitions transactions, TimeProvider time)
    : ApiHandler<ProduceRequest, ProduceResponse>
{
    /// <summary>From here on topics come by their id.</summary>
    private const short TopicIdsFrom = 13;

    /// <summary>From here on writing in a transaction adds the partition to it (KIP-890, part 2).</summary>
    private const short ImplicitPartitionsFrom = 12;

    /// <summary>Before this nobody knew of zstd: such a request is a client's mistake (Kafka's ProduceRequest.validateRecords).</summary>
    private const short ZstdFrom = 7;

    private const short AcksAll = -1;

    /// <summary>
    /// librdkafka decides by a minimum of 0 whether it may compress at all, and asks for version 3 or later all the same (KAFKA-18659). Kafka does so too.
    /// </summary>
    public override short AdvertisedVersionMin => 0;

    public override bool IsPipelined => true;

    protected override ValueTask<ProduceResponse?> HandleAsync(ProduceRequest request, RequestContext context)
    {
        var entries = ProduceEntries.Of(request, topics, isById: context.ApiVersion >= TopicIdsFrom, context.ClientId);
        if (request.Acks is not (AcksAll or 0 or 1))
        {
            entries.Refuse(ErrorCode.InvalidRequiredAcks, "acks must be -1, 0 or 1.");
        }

        if (context.ApiVersion < ZstdFrom)
        {
            entries.RefuseZstd();
        }

        return context.ApiVersion >= ImplicitPartitionsFrom && request.TransactionalId is not null && entries.Sound.Any(entry => entry.IsTransactional)
            ? AddAndAppendAsync(request, context, entries)
            : Append(request, context, entries, isImplicit: false);
    }

    private ValueTask<ProduceResponse?> Append(ProduceRequest request, RequestContext context, ProduceEntries entries, bool isImplicit)
    {
        foreach (ProduceEntry entry in entries.Sound)
        {
            AppendResult result = entry.Partition!.Append(MemoryMarshal.AsMemory(entry.Records), AppendOrigin.Client, verifier, mustStartAtZero: isImplicit);
            entry.Take(result with { Error = ProduceErrors.ForClient(result.Error, context.ApiVersion) });
        }

        context.ReleaseBody();
        return request.Acks switch
        {
            0 => entries.FirstError is { } failed ? throw Unanswered(failed) : default,
            AcksAll => entries.AnswerWhenDurableAsync(TimeSpan.FromMilliseconds(Math.Max(0, request.TimeoutMs)), time, context.ConnectionClosed),
            _ => ValueTask.FromResult<ProduceResponse?>(entries.Response),
        };
    }

    private ValueTask<ProduceResponse?> AddAndAppendAsync(ProduceRequest request, RequestContext context, ProduceEntries entries)
    {
        ValueTask<ErrorCode> added = AddAsync(request.TransactionalId!, [.. entries.Sound.Where(entry => entry.IsTransactional)]);
        if (added.IsCompletedSuccessfully)
        {
            return AppendAdded(request, context, entries, added.Result);
        }

        Task<ErrorCode> adding = added.AsTask();
        Task<ValueTask<ProduceResponse?>> appended = AppendAfterAsync();
        context.InOrder = appended;
        return AnswerAsync();

        async Task<ValueTask<ProduceResponse?>> AppendAfterAsync() => AppendAdded(request, context, entries, await adding);

        async ValueTask<ProduceResponse?> AnswerAsync() => await await appended;
    }

    private ValueTask<ErrorCode> AddAsync(string transactionalId, ProduceEntry[] entries)
    {
        var header = new RecordBatchHeader(entries[0].Records.Span);
        return transactions.AddAsync(transactionalId, header.ProducerId, header.ProducerEpoch, [.. entries.Select(entry => entry.Partition!.Name)]);
    }

    private ValueTask<ProduceResponse?> AppendAdded(ProduceRequest request, RequestContext context, ProduceEntries entries, ErrorCode added)
    {
        if (added != ErrorCode.None)
        {
            entries.Refuse(ProduceErrors.ForImplicitAdd(added), reason: null);
        }

        return Append(request, context, entries, isImplicit: true);
    }

    private static CloseConnectionException Unanswered(ProduceEntry failed) => new(new CloseReason(
        CloseCause.UnansweredError, $"a produce request that wants no answer failed with {failed.Answer.ErrorCode}{(failed.Answer.ErrorMessage is { } why ? $": {why}" : "")}"));
}
