using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Carousel.PaymentSimulator.Faults;

/// <summary>Kestrel's sockets for the charge port, with a listener that an outage can really close.</summary>
internal sealed class RefusingTransport(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, FaultState faults)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public bool CanBind(EndPoint endpoint) => endpoint is ChargeEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new RefusingListener(
            _sockets, await _sockets.BindAsync(endpoint, cancellationToken), loggers.CreateLogger<RefusingListener>());
        faults.OnRefuse = listener.RefuseAsync;
        return listener;
    }
}
