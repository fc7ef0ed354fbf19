using System.Net;
using System.Net.Sockets;

namespace Carousel.Testing;

/// <summary>Loopback ports that nobody listens on.</summary>
public static class FreePort
{
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
                int first = Listen(0) ?? 0;
                if (first > 0 && Enumerable.Range(first, count).All(port => !Given.Contains(port) && Listen(port) is not null))
                {
                    Given.UnionWith(Enumerable.Range(first, count));
                    return first;
                }
            }
        }

        throw new InvalidOperationException($"Found no {count} free loopback ports in a row.");
    }

    private static int? Listen(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
