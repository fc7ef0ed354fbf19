using System.Text;
using Carousel.Kafka;
using Carousel.Stages.Log;
using Carousel.Stages.Log.Kafka;
using Carousel.Stages.Tests.Log;
using Carousel.Stages.Tests.Simulation;
using Carousel.Testing;
using Carousel.Testing.Brokers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Stages.Tests.EndToEnd;

/// <summary>A stage whose broker is killed, and whose connections are cut and held up.</summary>
[OnEveryBroker]
[Collection(KafkaCollection.Name)]
public sealed class BrokerFailureTests
{
    private const int RecordCount = 3_000;
    private const int PartitionCount = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_stage_gets_over_cuts_black_holes_and_the_death_of_its_broker()
    {
        await using var proxy = new TcpProxy();
        await using IBrokerUnderTest kafka = await TestKafka.StartOwnOrSkipAsync(proxy.Port);
        proxy.TargetPort = kafka.Port;
        var options = new KafkaOptions { BootstrapServers = $"127.0.0.1:{proxy.Port}" };
        await TestKafka.CreateTopicsAsync(options, PartitionCount, "in", "out", "stage-progress");
        var log = new KafkaStageLog(options, "test", NullLogger.Instance);
        await using (IStageProducer producer = await log.OpenProducerAsync("feeder", CancellationToken.None))
        {
            await producer.BeginAsync();
            Enumerable.Range(0, RecordCount).ToList().ForEach(i =>
                producer.Send(new OutputRecord("in", null, Encoding.UTF8.GetBytes($"key-{i % 50}"), Encoding.UTF8.GetBytes($"{i}"), [])));
            await producer.FlushAsync();
            await producer.CommitAsync();
        }

        var handler = new Gated();
        using var stop = new CancellationTokenSource();
        var stage = new Stage(
            new StageOptions { Name = "copy", Group = "group", Topics = ["in"], TransactionRecordsMax = 200 },
            log,
            handler,
            new TextDeadLetters(),
            new StageEnvironment(TimeProvider.System, Random.Shared, new TestMeters(), NullLogger.Instance));
        Task run = stage.RunAsync(stop.Token);

        await handler.HandledAsync(RecordCount / 4, run);
        proxy.Cut(refuseNew: false);
        await handler.HandledAsync(RecordCount / 2, run);
        proxy.Blackhole();
        handler.Open(RecordCount * 3 / 4);
        proxy.Heal();
        await handler.HandledAsync(RecordCount * 3 / 4, run);
        await kafka.KillAsync();
        handler.Open(RecordCount);
        await kafka.StartAsync();
        await handler.HandledAsync(RecordCount, run);
        await Eventually.TrueAsync(
            $"{RecordCount} records are in out", () => TestKafka.ReadCommitted(options, "out", PartitionCount).Count, count => count >= RecordCount, Patience);
        await stop.CancelAsync();
        await run.WithinAsync("the stage has stopped", Patience);
        List<(string Key, int Number)> records =
            [.. TestKafka.ReadCommitted(options, "out", PartitionCount).Select(record => (Encoding.UTF8.GetString(record.Message.Key!), int.Parse(Encoding.UTF8.GetString(record.Message.Value!), null)))];
        Assert.Equal(Enumerable.Range(0, RecordCount), records.Select(record => record.Number).Order());
        Assert.All(records.GroupBy(record => record.Key), key => Assert.Equal(key.Select(record => record.Number).Order(), key.Select(record => record.Number)));
    }

    /// <summary>Lets so many records through at a time, so that a fault always finds some under way.</summary>
    private sealed class Gated : IRecordHandler
    {
        private readonly Lock _lock = new();
        private readonly HashSet<(int, long)> _handled = [];
        private readonly List<TaskCompletionSource> _waiting = [];
        private readonly List<(int Count, TaskCompletionSource Reached)> _observers = [];
        private int _allowed;

        public async ValueTask<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task turn;
                lock (_lock)
                {
                    (int, long) id = (delivery.Record.Partition.Partition, delivery.Record.Offset);
                    if (_handled.Contains(id) || _handled.Count < _allowed)
                    {
                        _handled.Add(id);
                        _observers.RemoveAll(observer => _handled.Count >= observer.Count && observer.Reached.TrySetResult());
                        return new Outcome.Completed([new OutputRecord("out", null, delivery.Record.Key, delivery.Record.Value, [])]);
                    }

                    var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _waiting.Add(waiting);
                    turn = waiting.Task;
                }

                await turn.WaitAsync(cancellationToken);
            }
        }

        public void Open(int count)
        {
            lock (_lock)
            {
                _allowed = count;
                _waiting.ForEach(waiting => waiting.SetResult());
                _waiting.Clear();
            }
        }

        public async Task HandledAsync(int count, Task run)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                if (_handled.Count >= count)
                {
                    return;
                }

                _observers.Add((count, reached));
            }

            Open(count);
            await await Task.WhenAny(reached.Task, run).WithinAsync($"{count} records are handled", Patience, () => $"{_handled.Count}");
            Assert.True(reached.Task.IsCompleted, "The stage ended.");
        }
    }
}
