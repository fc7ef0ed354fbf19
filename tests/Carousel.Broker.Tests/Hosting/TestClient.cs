using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Broker.Tests.Hosting;

/// <summary>Speaks the protocol over any pipe, well or badly.</summary>
internal sealed class TestClient(IDuplexPipe transport)
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public PipeWriter Output => transport.Output;

    /// <summary>A request with its length prefix and header.</summary>
    public static byte[] Frame<T>(T request, short version, int correlationId, string clientId = "test")
        where T : class, IRequest
    {
        byte[] body = WireWriter.ToBytes(request, T.Api.IsFlexible(version), version);
        return Frame((short)T.Api.Key, version, correlationId, body, T.Api.IsFlexible(version), clientId);
    }

    public static byte[] Frame(short key, short version, int correlationId, byte[] body, bool isFlexible = false, string clientId = "test")
    {
        var frame = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteInt32BigEndian(frame.GetSpan(4), 10 + clientId.Length + (isFlexible ? 1 : 0) + body.Length);
        frame.Advance(4);
        var writer = new WireWriter(frame, isFlexible: false);
        writer.Int16("", key);
        writer.Int16("", version);
        writer.Int32("", correlationId);
        writer.String("", clientId);
        writer.Flush();
        frame.Write(isFlexible ? [0, .. body] : body);
        return frame.WrittenSpan.ToArray();
    }

    public async Task SendAsync(byte[] bytes) => await transport.Output.WriteAsync(bytes).AsTask().WithinAsync("the broker takes the bytes", Timeout);

    public Task SendAsync<T>(T request, short version, int correlationId)
        where T : class, IRequest => SendAsync(Frame(request, version, correlationId));

    /// <summary>The next response without its length prefix; null when the broker closed the connection.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        byte[]? prefix = await TakeAsync(sizeof(int));
        return prefix is null ? null : await TakeAsync(BinaryPrimitives.ReadInt32BigEndian(prefix));
    }

    /// <summary>Sends a request and reads its response, which must be the next one.</summary>
    public async Task<TResponse> AskAsync<TRequest, TResponse>(TRequest request, short version, int correlationId = 1)
        where TRequest : class, IRequest
        where TResponse : class, IMessage, new()
    {
        await SendAsync(request, version, correlationId);
        byte[] response = await ReceiveAsync() ?? throw new InvalidOperationException("The broker closed the connection.");
        Assert.Equal(correlationId, BinaryPrimitives.ReadInt32BigEndian(response));
        int header = sizeof(int) + TRequest.Api.ResponseHeaderVersion(version);
        return WireReader.Read<TResponse>(response.AsMemory(header), TRequest.Api.IsFlexible(version), version);
    }

    /// <summary>The correlation id of the next response.</summary>
    public async Task<int> ReceiveCorrelationIdAsync() =>
        BinaryPrimitives.ReadInt32BigEndian(await ReceiveAsync() ?? throw new InvalidOperationException("The broker closed the connection."));

    public async Task<IReadOnlyList<int>> ReceiveCorrelationIdsAsync(int count)
    {
        var ids = new List<int>();
        while (ids.Count < count)
        {
            ids.Add(await ReceiveCorrelationIdAsync());
        }

        return ids;
    }

    private async Task<byte[]?> TakeAsync(int count)
    {
        ReadResult read = await transport.Input.ReadAtLeastAsync(count).AsTask().WithinAsync("the broker answers", Timeout);
        if (read.Buffer.Length < count)
        {
            transport.Input.AdvanceTo(read.Buffer.End);
            return null;
        }

        byte[] bytes = read.Buffer.Slice(0, count).ToArray();
        transport.Input.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }
}
