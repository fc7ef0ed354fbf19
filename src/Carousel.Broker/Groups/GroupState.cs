namespace Carousel.Broker.Groups;

/// <summary>Where a group stands (Kafka's <c>ClassicGroupState</c>). The names are those that Kafka's tools show.</summary>
internal enum GroupState
{
    /// <summary>No members; it may have offsets.</summary>
    Empty,

    /// <summary>Members are asked to join again, and those that did are waiting.</summary>
    PreparingRebalance,

    /// <summary>The members of the generation are known, and wait for the assignment that its leader makes.</summary>
    CompletingRebalance,

    /// <summary>Every member knows what is assigned to it.</summary>
    Stable,

    /// <summary>Removed. Whoever still holds it looks the group up again.</summary>
    Dead,
}
