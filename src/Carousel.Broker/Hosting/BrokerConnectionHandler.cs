using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Carousel.Broker.Hosting;

/// <summary>Takes connections from Kestrel.</summary>
internal sealed class BrokerConnectionHandler(ConnectionRegistry connections) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        string remote = connection.RemoteEndPoint?.ToString() ?? "";
        string host = connection.RemoteEndPoint is IPEndPoint { Address: var address } ? $"/{address}" : "/";
        return connections.ServeAsync(connection.Transport, remote, host, connection.ConnectionClosed);
    }
}
