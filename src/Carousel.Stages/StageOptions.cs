using System.ComponentModel.DataAnnotations;

namespace Carousel.Stages;

/// <summary>How one instance of a stage runs. Defaults suit a stage that calls a service of about 100 ms.</summary>
public sealed class StageOptions
{
    /// <summary>Short name in logs, metrics and dead letters, such as <c>fulfillment</c>.</summary>
    [Required]
    public string Name { get; set; } = "";

    [Required]
    public string Group { get; set; } = "";

    /// <summary>Topics that are read.</summary>
    [MinLength(1)]
    public IReadOnlyList<string> Topics { get; set; } = [];

    /// <summary>
    /// Stable name of this instance among those of its group. The <c>transactional.id</c> is made of group and slot, so a restart settles its own
    /// leftover at once; two running instances with one slot fence each other.
    /// </summary>
    [Required]
    public string Slot { get; set; } = "0";

    /// <summary>
    /// Compacted topic for what is finished above the committed offsets, with at least as many partitions as any of <see cref="Topics"/>. Groups may share it.
    /// </summary>
    [Required]
    public string ProgressTopic { get; set; } = "stage-progress";

    /// <summary>
    /// Makes group and slot the member's <c>group.instance.id</c> (KIP-345): an instance that is stopped and started again within the session timeout has its
    /// partitions back without a rebalance. One that is taken away for good keeps them until then. Default false.
    /// </summary>
    public bool StaticMembership { get; set; }

    /// <summary>Records fetched and not yet finished and committed, at most. Default 8,000: 12,000 a second at 100 ms with a long tail.</summary>
    [Range(1, 1_000_000)]
    public int WindowRecordsMax { get; set; } = 8_000;

    /// <summary>Bytes of those records, at most; one record always fits. Default 64 MiB.</summary>
    [Range(1, int.MaxValue)]
    public int WindowBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>Records in one micro-batch of a batch handler, at most.</summary>
    [Range(1, 100_000)]
    public int BatchRecordsMax { get; set; } = 1_000;

    /// <summary>How long a micro-batch waits for more records once it has one. Default 10 ms.</summary>
    public TimeSpan BatchLinger { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Source records in one transaction, at most.</summary>
    [Range(1, 1_000_000)]
    public int TransactionRecordsMax { get; set; } = 10_000;

    /// <summary>
    /// From the start of one transaction to the start of the next, at least. Fewer and larger transactions cost less: the brokers write a marker to
    /// every partition of each. Default 50 ms; an idle stage commits its first result at once.
    /// </summary>
    public TimeSpan TransactionInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    public RetryOptions Retry { get; set; } = new();

    /// <summary>How long a revoked partition's records in flight may take to finish. Default 2 s, well below the session timeout.</summary>
    public TimeSpan RevokeDrainMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long records in flight may take to finish when the stage stops. Default 10 s.</summary>
    public TimeSpan ShutdownDrainMax { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Retries of one record, and of a dependency that is away: exponential with full jitter.</summary>
public sealed class RetryOptions
{
    /// <summary>Attempts before the record is dead-lettered as EXHAUSTED. Default 10.</summary>
    [Range(1, 10_000)]
    public int AttemptsMax { get; set; } = 10;

    /// <summary>Time since the first attempt before the record is dead-lettered as EXHAUSTED. Default 10 minutes.</summary>
    public TimeSpan AgeMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Upper bound of the first delay; it doubles with each attempt. Default 200 ms.</summary>
    public TimeSpan DelayFirst { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Upper bound of any delay. Default 10 s.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The delay after this many failed attempts: uniform between 0 and the bound ("full jitter"), so that retries don't come in waves.</summary>
    public TimeSpan Delay(int attempts, Random random)
    {
        double bound = Math.Min(DelayMax.TotalMilliseconds, DelayFirst.TotalMilliseconds * Math.Pow(2, Math.Min(attempts - 1, 30)));
        return TimeSpan.FromMilliseconds(random.NextDouble() * bound);
    }
}
