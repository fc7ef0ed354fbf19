using System.Diagnostics;
using Carousel.Testing.Brokers;
using Confluent.Kafka;

namespace Carousel.Bench;

/// <summary>How long a broker takes from the start of its process to the first answer, on a log of some size: after a clean stop, and after kill -9 in mid-load.</summary>
internal sealed class StartTimes(int records, int valueBytes)
{
    private const string Topic = "start";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task<(TimeSpan Clean, TimeSpan Crashed)> RunAsync(MeasuredBroker broker)
    {
        await broker.CreateTopicAsync(Topic, BrokerBench.Partitions);
        var load = new ProduceLoad(records, valueBytes, ProduceLoad.PipelineBatchBytes);
        await load.RunAsync(broker, Topic, BrokerBench.Partitions);
        await broker.Process.StopAsync();
        await BalancedTurns.SettleDiskAsync();
        TimeSpan clean = await StartAsync(broker);

        using var crash = new CancellationTokenSource();
        using (IProducer<byte[], byte[]> producer = load.Build(broker))
        {
            Task sending = Task.Run(() => load.Send(producer, Topic, _ => !crash.IsCancellationRequested));
            await Task.Delay(TimeSpan.FromSeconds(1));
            await broker.Process.KillAsync();
            await crash.CancelAsync();
            await sending;
        }

        await BalancedTurns.SettleDiskAsync();
        return (clean, await StartAsync(broker));
    }

    private static async Task<TimeSpan> StartAsync(MeasuredBroker broker)
    {
        long started = Stopwatch.GetTimestamp();
        Task starting = Task.Run(broker.Process.StartAsync);
        while (!await Handshake.IsAnsweredAsync(broker.Process.Port))
        {
            if (starting.IsFaulted || Stopwatch.GetElapsedTime(started) > Patience)
            {
                await starting;
                throw new TimeoutException($"{broker.Name} didn't answer within {Patience.TotalSeconds} s of its start.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        await starting;
        return elapsed;
    }
}
