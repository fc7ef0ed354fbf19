using Carousel.Wire;

namespace Carousel.Broker.Transactions;

/// <summary>What a request makes of a transactional id: an error, a new state to be written down, or nothing because it is done already.</summary>
internal readonly record struct Transition(ErrorCode Error, TransactionMetadata? Next)
{
    public static readonly Transition Nothing = new(ErrorCode.None, null);

    public static Transition Refuse(ErrorCode error) => new(error, null);

    public static Transition To(TransactionMetadata next) => new(ErrorCode.None, next);
}
