using System.Net;

namespace Carousel.PaymentSimulator.Faults;

/// <summary>Marks the port that a refusing outage closes, so that it can be told from the other one even when both are 0.</summary>
internal sealed class ChargeEndPoint(int port) : IPEndPoint(IPAddress.Loopback, port);
