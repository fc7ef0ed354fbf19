using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;

namespace Carousel.Bench;

/// <summary>How long a broker takes from the start of its process to the first answer, on a log of some size: after a clean stop, and after kill -9 in mid-load.</summary>
internal sealed class StartTimes(int records, int valueBytes)
{
    private const string Topic = "start";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>ApiVersions, version 0, correlation id 1, no client id: the shortest request that any broker answers.</summary>
    private static readonly byte[] Question = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255];

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
            broker.Process.Kill();
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
        while (!await AnswersAsync(broker.Process.Port))
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

    private static async Task<bool> AnswersAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(Question);
            return await socket.ReceiveAsync(new byte[sizeof(int)]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
