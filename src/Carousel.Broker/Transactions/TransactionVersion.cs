namespace Carousel.Broker.Transactions;

/// <summary>The transaction protocol a client speaks (KIP-890), as the level of the feature <see cref="TransactionFeature.Name"/>.</summary>
internal enum TransactionVersion : short
{
    /// <summary>Partitions are added by requests of their own, and the producer's epoch stays as it is from one transaction to the next.</summary>
    Classic = 0,

    /// <summary>Partitions are added by writing to them, and every end raises the epoch: no late request can reach the next transaction.</summary>
    EpochBump = 2,
}

/// <summary>What ApiVersions says of transactions: clients that see it finalized at level 2 use <see cref="TransactionVersion.EpochBump"/>.</summary>
internal static class TransactionFeature
{
    public const string Name = "transaction.version";
    public const short LevelMin = 0;
    public const short LevelMax = (short)TransactionVersion.EpochBump;
    public const short LevelFinalized = (short)TransactionVersion.EpochBump;
}
