using System.Net;
using System.Net.Sockets;

namespace Carousel.Testing;

/// <summary>Loopback ports that nobody listens on.</summary>
public static class FreePort
{
    // Below the range that the system takes the near ends of connections from (ip_local_port_range, 32768 on): a port of that range may be taken
    // by any connection between two starts of the same server.
    private const int PortMin = 12_000;
    private const int PortMax = 32_000;
    private static readonly Lock Lock = new();
    private static readonly HashSet<int> Given = [];

    public static int Next() => NextRun(1);

    /// <summary>The first of so many ports in a row, none of which was given before in this process.</summary>
    public static int NextRun(int count)
    {
        lock (Lock)
        {
            for (int attempt = 0; attempt < 1_000; attempt++)
            {
                int first = Random.Shared.Next(PortMin, PortMax - count);
                if (Enumerable.Range(first, count).All(port => !Given.Contains(port) && IsFree(port)))
                {
                    Given.UnionWith(Enumerable.Range(first, count));
                    return first;
                }
            }
        }

        throw new InvalidOperationException($"Found no {count} free loopback ports in a row.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
