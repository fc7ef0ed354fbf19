using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Carousel.Broker.Hosting;

/// <summary>Takes connections from Kestrel.</summary>
internal sealed class BrokerConnectionHandler(ConnectionRegistry connections) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        string remote = connection.RemoteEndPoint?.ToString() ?? "";
        string host = connection.RemoteEndPoint is IPEndPoint { Address: var address } ? $"/{address}" : "/";
        AnswerOutput output = connection.Features.Get<IConnectionSocketFeature>() is { } socket
            ? new SocketAnswerOutput(socket.Socket)
            : new PipeAnswerOutput(connection.Transport.Output);
        return connections.ServeAsync(connection.Transport, output, remote, host, connection.ConnectionClosed);
    }
}
