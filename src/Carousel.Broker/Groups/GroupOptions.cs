using System.ComponentModel.DataAnnotations;

namespace Carousel.Broker.Groups;

/// <summary>The bounds and delays of consumer groups; each names the Kafka broker setting that it is.</summary>
internal sealed class GroupOptions : IValidatableObject
{
    /// <summary>group.min.session.timeout.ms: a shorter session would be lost to one pause of the client. 0 or more; 6 s.</summary>
    public TimeSpan SessionTimeoutMin { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>group.max.session.timeout.ms: for so long the partitions of a member that died may stay unread. 30 min.</summary>
    public TimeSpan SessionTimeoutMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// group.initial.rebalance.delay.ms: how long the first members of a new group wait for others. Kafka's 3 s spare a cluster's start a few rebalances and
    /// cost every small group its first 3 s; 0 here.
    /// </summary>
    public TimeSpan InitialRebalanceDelay { get; init; } = TimeSpan.Zero;

    /// <summary>group.max.size: members of one group, at least 1; no limit.</summary>
    public int MembersMax { get; init; } = int.MaxValue;

    /// <summary>offset.metadata.max.bytes, which Kafka counts in characters: the text that goes with a committed offset; 4096.</summary>
    public int MetadataCharsMax { get; init; } = 4096;

    /// <summary>offsets.retention.minutes: how long offsets outlive the last member of their group; 7 days.</summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>offsets.retention.check.interval.ms: how often expired offsets are looked for, at least 1 ms; 10 min.</summary>
    public TimeSpan OffsetsRetentionCheckInterval { get; init; } = TimeSpan.FromMinutes(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SessionTimeoutMin < TimeSpan.Zero || SessionTimeoutMax < SessionTimeoutMin)
        {
            yield return new($"Session timeouts from {SessionTimeoutMin} to {SessionTimeoutMax} leave none to choose.", [nameof(SessionTimeoutMin), nameof(SessionTimeoutMax)]);
        }

        if (InitialRebalanceDelay < TimeSpan.Zero)
        {
            yield return new($"A delay of {InitialRebalanceDelay} lies in the past.", [nameof(InitialRebalanceDelay)]);
        }

        if (MembersMax < 1 || MetadataCharsMax < 0)
        {
            yield return new($"Groups of {MembersMax} members with {MetadataCharsMax} characters of metadata can't be.", [nameof(MembersMax), nameof(MetadataCharsMax)]);
        }

        if (OffsetsRetention < TimeSpan.Zero || OffsetsRetentionCheckInterval < TimeSpan.FromMilliseconds(1))
        {
            yield return new(
                $"Offsets kept for {OffsetsRetention} and looked at every {OffsetsRetentionCheckInterval} can't be.",
                [nameof(OffsetsRetention), nameof(OffsetsRetentionCheckInterval)]);
        }
    }
}
