using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Carousel.Testing.Brokers;

/// <summary>The shortest exchange that shows a broker serves: ApiVersions version 0, which every broker and client since 0.10 speaks (KIP-35).</summary>
public static class Handshake
{
    private const int CorrelationId = 7;

    /// <summary>Size, ApiKey 18, version 0, correlation id 7, null client id.</summary>
    public static ReadOnlyMemory<byte> Request { get; } = new byte[] { 0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, CorrelationId, 0xff, 0xff };

    /// <summary>False where nobody listens.</summary>
    public static async Task<bool> IsAnsweredAsync(int port)
    {
        using var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            return false;
        }

        await ExchangeAsync(client.GetStream());
        return true;
    }

    /// <summary>Sends the request on a connection and takes the whole response off it.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="InvalidDataException">What came is no successful response.</exception>
    public static async Task ExchangeAsync(NetworkStream stream)
    {
        await stream.WriteAsync(Request);
        byte[] head = new byte[10];
        await stream.ReadExactlyAsync(head);
        int size = BinaryPrimitives.ReadInt32BigEndian(head);
        int correlationId = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4));
        int errorCode = BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(8));
        if (size is < 6 or > 10_000 || (correlationId, errorCode) != (CorrelationId, 0))
        {
            throw new InvalidDataException($"Expected an ApiVersions response, got size {size}, correlation id {correlationId}, error {errorCode}.");
        }

        await stream.ReadExactlyAsync(new byte[size - 6]);
    }
}
