using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Carousel.Testing.Proxies;

/// <summary>
/// Forwards a loopback port to a Kafka broker, request by request, and lets its traffic be disturbed where it hurts. The broker has to be started with the
/// proxy's port as its advertised one, since clients go where it says. Without encryption alone.
/// </summary>
public sealed class KafkaProxy : IAsyncDisposable
{
    /// <summary>Above any request that a test makes; what claims to be longer isn't Kafka's protocol.</summary>
    private const int FrameBytesMax = 100 * 1024 * 1024;
    private readonly ProxyListener _listener;
    private volatile IKafkaTraffic? _traffic;

    public KafkaProxy()
    {
        _listener = new ProxyListener(ForwardAsync);
        _listener.Start();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => _listener.Port;

    /// <summary>Where connections go to. Until it is set clients are refused.</summary>
    public int? TargetPort { get; set; }

    /// <summary>Decides about requests that come from now on; null, as at first, lets all pass.</summary>
    public IKafkaTraffic? Traffic
    {
        get => _traffic;
        set => _traffic = value;
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ForwardAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            if (TargetPort is not { } port)
            {
                ProxyListener.Reset(client);
                return;
            }

            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            var awaited = new ConcurrentDictionary<int, Exchange>();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task requests = ForwardRequestsAsync(client.GetStream(), server.GetStream(), awaited, either.Token);
            Task replies = ForwardRepliesAsync(server.GetStream(), client.GetStream(), awaited, either.Token);
            await Task.WhenAny(requests, replies);
            await either.CancelAsync();

            // What ends a connection here is a loss, or one side's end, which the other side needn't hear of politely.
            ProxyListener.Reset(client);
            await Task.WhenAll(requests, replies);
        }
    }

    /// <summary>Returns when the client has gone, or its connection is to be reset.</summary>
    private async Task ForwardRequestsAsync(
        NetworkStream client, NetworkStream server, ConcurrentDictionary<int, Exchange> awaited, CancellationToken cancellationToken)
    {
        while (await ReadFrameAsync(client, cancellationToken) is { } frame)
        {
            KafkaRequest request = KafkaRequest.Parse(frame);
            IKafkaTraffic? traffic = _traffic;
            Disturbance? disturbance = traffic?.OnRequest(request);
            switch (disturbance)
            {
                case Disturbance.LoseRequest:
                    return;
                case Disturbance.DeliverLate late:
                    _listener.Run(stop => DeliverAsync(request, late.Until, traffic!, stop));
                    return;
                case Disturbance.HoldRequest hold:
                    await hold.Until.WaitAsync(cancellationToken);
                    break;
            }

            awaited[request.CorrelationId] = new Exchange(request, traffic, disturbance);
            await server.WriteAsync(frame, cancellationToken);
        }
    }

    /// <summary>Returns when the broker has gone, or the client's connection is to be reset.</summary>
    private static async Task ForwardRepliesAsync(
        NetworkStream server, NetworkStream client, ConcurrentDictionary<int, Exchange> awaited, CancellationToken cancellationToken)
    {
        while (await ReadFrameAsync(server, cancellationToken) is { } frame)
        {
            int correlationId = BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(4));
            if (!awaited.TryRemove(correlationId, out Exchange? exchange))
            {
                throw new InvalidDataException($"The broker answered a request {correlationId} that wasn't made.");
            }

            exchange.Traffic?.OnReply(new KafkaReply(exchange.Request, frame));
            switch (exchange.Disturbance)
            {
                case Disturbance.LoseReply:
                    return;
                case Disturbance.HoldReply hold:
                    await hold.Until.WaitAsync(cancellationToken);
                    break;
            }

            await client.WriteAsync(frame, cancellationToken);
        }
    }

    /// <summary>On a connection that nobody else uses, so that it overtakes nothing and waits for nothing.</summary>
    private async Task DeliverAsync(KafkaRequest request, Task until, IKafkaTraffic traffic, CancellationToken cancellationToken)
    {
        await until.WaitAsync(cancellationToken);
        using var server = new TcpClient { NoDelay = true };
        await server.ConnectAsync(IPAddress.Loopback, TargetPort!.Value, cancellationToken);
        await server.GetStream().WriteAsync(request.Frame, cancellationToken);
        if (await ReadFrameAsync(server.GetStream(), cancellationToken) is { } reply)
        {
            traffic.OnLateReply(new KafkaReply(request, reply));
        }
    }

    /// <returns>A whole frame with its size, or null where the connection ended between two.</returns>
    private static async Task<byte[]?> ReadFrameAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] size = new byte[4];
        int read = await stream.ReadAtLeastAsync(size, size.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < size.Length)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(size);
        if (length is < 4 or > FrameBytesMax)
        {
            throw new InvalidDataException($"A frame of {length} bytes isn't one of Kafka's.");
        }

        byte[] frame = new byte[size.Length + length];
        size.CopyTo(frame, 0);
        await stream.ReadExactlyAsync(frame.AsMemory(size.Length), cancellationToken);
        return frame;
    }

    /// <summary>A request that the broker has, until its reply comes.</summary>
    private sealed record Exchange(KafkaRequest Request, IKafkaTraffic? Traffic, Disturbance? Disturbance);
}
