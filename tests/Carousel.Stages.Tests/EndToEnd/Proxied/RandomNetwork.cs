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
    private const int HoldMsMax = 250;
    private const int LateMsMax = 600;

    /// <summary>What there is plenty of is disturbed seldom.</summary>
    private static readonly Dictionary<ApiKey, double> Rates = new()
    {
        [ApiKey.EndTxn] = 0.15,
        [ApiKey.TxnOffsetCommit] = 0.15,
        [ApiKey.AddPartitionsToTxn] = 0.15,
        [ApiKey.AddOffsetsToTxn] = 0.15,
        [ApiKey.Produce] = 0.02,
        [ApiKey.Fetch] = 0.02,
        [ApiKey.Heartbeat] = 0.7,
    };

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<ApiKey, int> _disturbed = Rates.Keys.ToDictionary(api => api, _ => 0);
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
            if (!Rates.TryGetValue(request.Api, out double rate) || _random.NextDouble() >= rate)
            {
                return null;
            }

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
