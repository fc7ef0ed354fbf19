using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>EndTxn: commits or aborts. Version 5 says that the client raises its epoch with every transaction (KIP-890).</summary>
internal sealed class EndTxnHandler(TransactionCoordinator transactions) : ApiHandler<EndTxnRequest, EndTxnResponse>
{
    private const short EpochBumpFrom = 5;

    protected override async ValueTask<EndTxnResponse?> HandleAsync(EndTxnRequest request, RequestContext context)
    {
        TransactionVersion version = context.ApiVersion >= EpochBumpFrom ? TransactionVersion.EpochBump : TransactionVersion.Classic;
        var producer = new ProducerIdAndEpoch(request.ProducerId, request.ProducerEpoch);
        ProducerResult result = await transactions.EndAsync(request.TransactionalId, producer, request.Committed, version);
        return new EndTxnResponse
        {
            ErrorCode = TransactionErrors.ForEndTxn(result.Error, context.ApiVersion),
            ProducerId = result.Producer.ProducerId,
            ProducerEpoch = result.Producer.ProducerEpoch,
        };
    }
}
