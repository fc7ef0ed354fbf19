using System.Collections.Concurrent;
using Carousel.Testing.Proxies;
using Carousel.Wire;

namespace Carousel.Stages.Tests.EndToEnd.Proxied;

/// <summary>
/// Disturbs at random what a stage's promises rest on. Each API gets all kinds of disturbances in turn, so that none depends on luck. A seed doesn't repeat a
/// run to the letter, since threads and sockets have their own will, but it repeats the network's.
/// </summary>
internal sealed class RandomNetwork(int seed) : IKafkaTraffic
{
    private const int KindCount = 5;

    /// <summary>Of each API: what is asked again while the broker is busy would otherwise be in trouble for ever.</summary>
    private const int DisturbancesMax = 3 * KindCount;
    private const int HoldMsMax = 250;
    private const int LateMsMax = 600;

    /// <summary>From one request that is disturbed to the next, at most; what there is plenty of is disturbed seldom. Few enough for each to get its share.</summary>
    private static readonly Dictionary<ApiKey, int> GapMax = new()
    {
        [ApiKey.EndTxn] = 7,
        [ApiKey.TxnOffsetCommit] = 7,
        [ApiKey.AddPartitionsToTxn] = 7,
        [ApiKey.AddOffsetsToTxn] = 7,
        [ApiKey.Produce] = 20,
        [ApiKey.Fetch] = 40,
        [ApiKey.Heartbeat] = 2,
    };

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<ApiKey, int> _disturbed = GapMax.Keys.ToDictionary(api => api, _ => 0);
    private readonly Dictionary<ApiKey, int> _left = GapMax.Keys.ToDictionary(api => api, _ => 1);
    private readonly ConcurrentQueue<ApiKey> _late = new();

    /// <summary>Each API was disturbed in each way.</summary>
    public bool HasDoneItAll
    {
        get
        {
            lock (_lock)
            {
                return _disturbed.Values.All(count => count >= KindCount);
            }
        }
    }

    public Disturbance? OnRequest(KafkaRequest request)
    {
        lock (_lock)
        {
            if (!GapMax.TryGetValue(request.Api, out int gapMax) || _disturbed[request.Api] == DisturbancesMax || --_left[request.Api] > 0)
            {
                return null;
            }

            _left[request.Api] = _random.Next(1, gapMax + 1);

            return (_disturbed[request.Api]++ % KindCount) switch
            {
                0 => new Disturbance.HoldRequest(AfterAsync(HoldMsMax)),
                1 => new Disturbance.DeliverLate(AfterAsync(LateMsMax)),
                2 => new Disturbance.LoseReply(),
                3 => new Disturbance.HoldReply(AfterAsync(HoldMsMax)),
                _ => new Disturbance.LoseRequest(),
            };
        }
    }

    public void OnLateReply(KafkaReply reply) => _late.Enqueue(reply.Request.Api);

    public override string ToString()
    {
        lock (_lock)
        {
            return $"disturbed {string.Join(", ", _disturbed)}; arrived late {string.Join(", ", _late.CountBy(api => api))}";
        }
    }

    private Task AfterAsync(int millisecondsMax) => Task.Delay(_random.Next(1, millisecondsMax));
}
