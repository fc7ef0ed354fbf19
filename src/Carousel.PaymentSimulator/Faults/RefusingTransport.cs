using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Carousel.PaymentSimulator.Faults;

/// <summary>Kestrel's sockets, with a listener on the charge port that an outage can really close.</summary>
internal sealed class RefusingTransport(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, FaultState faults)
    : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var bound = await _sockets.BindAsync(endpoint, cancellationToken);
        if (endpoint is not ChargeEndPoint)
        {
            return bound;
        }

        var listener = new RefusingListener(_sockets, bound, loggers.CreateLogger<RefusingListener>());
        faults.OnRefuse = listener.RefuseAsync;
        return listener;
    }
}
