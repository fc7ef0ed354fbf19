using System.Collections.Concurrent;
using System.Text;
using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Log.Kafka;
using Carousel.Stages.Tests.Log;
using Carousel.Stages.Tests.Simulation;
using Carousel.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Stages.Tests.EndToEnd;

/// <summary>What a stage leaves above its committed offsets, on a real broker.</summary>
[Collection(KafkaCollection.Name)]
public sealed class DoneSetOnKafkaTests
{
    private const int RecordCount = 2_000;
    private const int PartitionCount = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly KafkaOptions _options = TestKafka.RequireOrSkip();
    private readonly string _prefix = TestKafka.UniquePrefix();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_takes_over_handles_only_what_was_stuck_and_knows_its_attempts(bool staticMembership)
    {
        await TestKafka.CreateTopicsAsync(_options, PartitionCount, _prefix + "in", _prefix + "out", _prefix + "progress");
        var log = new KafkaStageLog(_options, "test", NullLogger.Instance);
        await using (IStageProducer producer = await log.OpenProducerAsync(_prefix + "feeder", CancellationToken.None))
        {
            await producer.BeginAsync();
            Enumerable.Range(0, RecordCount).ToList().ForEach(i =>
                producer.Send(new OutputRecord(_prefix + "in", i % PartitionCount, Encoding.UTF8.GetBytes($"key-{i}"), Encoding.UTF8.GetBytes($"{i}"), [])));
            await producer.FlushAsync();
            await producer.CommitAsync();
        }

        var first = new Handler(_prefix + "out", isStuck: true);
        await RunUntilWrittenAsync(log, first, staticMembership, RecordCount - PartitionCount);
        var second = new Handler(_prefix + "out", isStuck: false);
        await RunUntilWrittenAsync(log, second, staticMembership, RecordCount);
        Assert.Equal(
            Enumerable.Range(0, PartitionCount).Select(i => (i, first.Handled.Where(handled => handled.Number == i).Max(handled => handled.Attempt) + 1)),
            second.Handled.Order());
        int[] numbers = [.. TestKafka.ReadCommitted(_options, _prefix + "out", PartitionCount).Select(record => int.Parse(Encoding.UTF8.GetString(record.Message.Value!), null))];
        Assert.Equal(Enumerable.Range(0, RecordCount), numbers.Order());
    }

    private async Task RunUntilWrittenAsync(IStageLog log, Handler handler, bool staticMembership, int count)
    {
        using var stop = new CancellationTokenSource();
        var options = new StageOptions
        {
            Name = "copy",
            Group = _prefix + "group",
            Topics = [_prefix + "in"],
            ProgressTopic = _prefix + "progress",
            StaticMembership = staticMembership,
        };
        var stage = new Stage(options, log, handler, new TextDeadLetters(), new StageEnvironment(TimeProvider.System, Random.Shared, new TestMeters(), NullLogger.Instance));
        Task run = stage.RunAsync(stop.Token);
        await Eventually.TrueAsync(
            $"{count} records are written", () => TestKafka.ReadCommitted(_options, _prefix + "out", PartitionCount).Count, written => written >= count || run.IsFaulted, Patience);
        await stop.CancelAsync();
        await run.WithinAsync("the stage has stopped", Patience);
    }

    /// <summary>The first record of each partition is tried in vain, and is to be tried again at once by another instance alone.</summary>
    private sealed class Handler(string topic, bool isStuck) : IRecordHandler
    {
        public ConcurrentBag<(int Number, int Attempt)> Handled { get; } = [];

        public ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            Handled.Add((int.Parse(Encoding.UTF8.GetString(delivery.Record.Value!), null), delivery.Attempt));
            return ValueTask.FromResult<Outcome>(isStuck && delivery.Record.Offset == 0
                ? new Outcome.Retry("stuck", "", null, TimeSpan.FromSeconds(8))
                : new Outcome.Completed([new OutputRecord(topic, null, delivery.Record.Key, delivery.Record.Value, [])]));
        }
    }
}
