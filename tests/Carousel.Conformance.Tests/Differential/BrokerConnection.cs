using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Differential;

/// <summary>A connection on which requests are sent as bytes and responses taken as messages, one after another.</summary>
internal sealed class BrokerConnection : IAsyncDisposable
{
    private const int ResponseBytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);
    private readonly TcpClient _client;
    private int _correlationId;

    private BrokerConnection(TcpClient client) => _client = client;

    public static async Task<BrokerConnection> OpenAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new BrokerConnection(client);
    }

    /// <summary>Sends a request, and reads its response to the last byte.</summary>
    /// <returns>The response, or null where the broker closed the connection instead.</returns>
    public async Task<TResponse?> SendAsync<TRequest, TResponse>(TRequest request, short version)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new()
    {
        Api api = TRequest.Api;
        byte[] body = WireWriter.ToBytes(request, api.IsFlexible(version), version);
        byte[]? frame = await ExchangeAsync((short)api.Key, version, api.IsFlexible(version), body);
        if (frame is null)
        {
            return null;
        }

        // A flexible header ends with tagged fields; no broker sends any.
        int headerBytes = api.ResponseHeaderVersion(version) == 0 ? 4 : 5;
        Assert.True(headerBytes == 4 || frame[4] == 0, $"The response header of {api.Key} v{version} has {frame[4]} tagged fields.");
        return WireReader.Read<TResponse>(frame.AsMemory(headerBytes), api.IsFlexible(version), version);
    }

    /// <summary>Sends a request of an API that may not even exist.</summary>
    /// <returns>The response from its correlation id on, or null where the broker closed the connection.</returns>
    public async Task<byte[]?> ExchangeAsync(short apiKey, short version, bool isFlexible, ReadOnlyMemory<byte> body)
    {
        int correlationId = ++_correlationId;
        await SendFrameAsync(Head(apiKey, version, correlationId, isFlexible), body);
        byte[]? frame = await ReceiveFrameAsync();
        if (frame is not null)
        {
            Assert.Equal(correlationId, BinaryPrimitives.ReadInt32BigEndian(frame));
        }

        return frame;
    }

    /// <summary>Sends a request that gets no response.</summary>
    public Task SendOnlyAsync<TRequest>(TRequest request, short version)
        where TRequest : class, IRequest =>
        SendFrameAsync(
            Head((short)TRequest.Api.Key, version, ++_correlationId, TRequest.Api.IsFlexible(version)), WireWriter.ToBytes(request, TRequest.Api.IsFlexible(version), version));

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static byte[] Head(short apiKey, short version, int correlationId, bool isFlexible)
    {
        byte[] clientId = Encoding.UTF8.GetBytes("differential");
        byte[] head = new byte[10 + clientId.Length + (isFlexible ? 1 : 0)];
        BinaryPrimitives.WriteInt16BigEndian(head, apiKey);
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(2), version);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), correlationId);
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(8), (short)clientId.Length);
        clientId.CopyTo(head, 10);
        return head;
    }

    private async Task SendFrameAsync(byte[] head, ReadOnlyMemory<byte> body)
    {
        byte[] frame = new byte[4 + head.Length + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, head.Length + body.Length);
        head.CopyTo(frame, 4);
        body.CopyTo(frame.AsMemory(4 + head.Length));
        await _client.GetStream().WriteAsync(frame);
    }

    private async Task<byte[]?> ReceiveFrameAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            byte[] size = new byte[4];
            await _client.GetStream().ReadExactlyAsync(size, timeout.Token);
            int length = BinaryPrimitives.ReadInt32BigEndian(size);
            Assert.InRange(length, 4, ResponseBytesMax);
            byte[] frame = new byte[length];
            await _client.GetStream().ReadExactlyAsync(frame, timeout.Token);
            return frame;
        }
        catch (IOException)
        {
            return null;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {Timeout.TotalSeconds} s for a response.");
        }
    }
}
