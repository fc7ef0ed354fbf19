using Carousel.Broker.Transactions;
using Carousel.Wire;

namespace Carousel.Broker.Apis;

/// <summary>
/// InitProducerId. Version 6 (KIP-939) is known and not offered, as Kafka 4.2 doesn't by default: transactions that a foreign coordinator prepares need
/// more than one flag.
/// </summary>
internal sealed class InitProducerIdHandler(TransactionCoordinator transactions) : ApiHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    public override short VersionMax => 5;

    protected override async ValueTask<InitProducerIdResponse?> HandleAsync(InitProducerIdRequest request, RequestContext context)
    {
        ProducerResult result = await InitializeAsync(request);
        return new InitProducerIdResponse
        {
            ErrorCode = TransactionErrors.ForInitProducerId(result.Error, context.ApiVersion),
            ProducerId = result.Producer.ProducerId,
            ProducerEpoch = result.Producer.ProducerEpoch,
        };
    }

    private ValueTask<ProducerResult> InitializeAsync(InitProducerIdRequest request)
    {
        var expected = new ProducerIdAndEpoch(request.ProducerId, request.ProducerEpoch);
        if (expected == ProducerIdAndEpoch.None)
        {
            return transactions.InitializeAsync(request.TransactionalId, request.TransactionTimeoutMs, expected: null);
        }

        bool isWhole = expected.ProducerId != TransactionMetadata.NoProducerId && expected.ProducerEpoch != TransactionMetadata.NoProducerEpoch;
        return isWhole
            ? transactions.InitializeAsync(request.TransactionalId, request.TransactionTimeoutMs, expected)
            : new ValueTask<ProducerResult>(ProducerResult.Failed(ErrorCode.InvalidRequest));
    }
}
