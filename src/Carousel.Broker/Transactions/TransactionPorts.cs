namespace Carousel.Broker.Transactions;

/// <summary>What the transaction coordinator needs of the rest of the broker.</summary>
internal sealed record TransactionPorts(ITransactionMarkers Markers, IOpenTransactions OpenTransactions, IProducerIdReservations ProducerIds);
