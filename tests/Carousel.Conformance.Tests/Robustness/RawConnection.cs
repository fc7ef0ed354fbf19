using System.Net;
using System.Net.Sockets;

namespace Carousel.Conformance.Tests.Robustness;

/// <summary>A connection of somebody who needn't keep to the protocol.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;

    private RawConnection(TcpClient client) => _client = client;

    /// <summary>The near end, by which the broker knows the connection: <c>127.0.0.1:port</c>.</summary>
    public string Name => _client.Client.LocalEndPoint!.ToString()!;

    public NetworkStream Stream => _client.GetStream();

    public static async Task<RawConnection> OpenAsync(int port)
    {
        // Of IPv4 alone: a socket for both would name itself by an IPv6 address that the broker never sees.
        var client = new TcpClient(AddressFamily.InterNetwork) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new RawConnection(client);
    }

    /// <summary>Sends, unless the broker has closed the connection already.</summary>
    /// <returns>Whether it took all.</returns>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await Stream.WriteAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads until the broker closes the connection.</summary>
    /// <returns>How many bytes it sent before.</returns>
    public async Task<long> UntilClosedAsync(TimeSpan timeout)
    {
        using var cancellation = new CancellationTokenSource(timeout);
        byte[] buffer = new byte[4_096];
        long total = 0;
        try
        {
            while (await Stream.ReadAsync(buffer, cancellation.Token) is > 0 and int read)
            {
                total += read;
            }
        }
        catch (IOException)
        {
            // A reset is a way of closing.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {timeout.TotalSeconds} s until the broker closes {Name}.");
        }

        return total;
    }

    public void Dispose() => _client.Dispose();
}
