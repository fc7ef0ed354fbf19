using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Carousel.Gateway;

/// <summary>What options must fulfil beyond their annotations, and the address they name.</summary>
internal static class GatewayOptionsCheck
{
    /// <exception cref="GatewayOptionsException">Something is wrong; the message names all of it.</exception>
    public static IPEndPoint Check(GatewayOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        List<string> faults = [.. results.Select(result => result.ErrorMessage ?? "a setting is out of range")];
        CheckTime(nameof(options.AcceptTimeLimit), options.AcceptTimeLimit, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), faults);
        CheckTime(nameof(options.StatusTimeLimit), options.StatusTimeLimit, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(60), faults);
        CheckTime(nameof(options.EventPollInterval), options.EventPollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), faults);
        CheckTime(nameof(options.EventHeartbeatInterval), options.EventHeartbeatInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), faults);
        CheckTime(nameof(options.RegistryWait), options.RegistryWait, TimeSpan.Zero, TimeSpan.FromHours(1), faults);
        CheckTime(nameof(options.ReadyAge), options.ReadyAge, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), faults);
        if (faults.Count > 0)
        {
            throw new GatewayOptionsException($"The gateway's settings need mending: {string.Join(" ", faults)}");
        }

        IPEndPoint address = Address(options.Url);
        return options.ApiKeys.Count > 0 || IPAddress.IsLoopback(address.Address)
            ? address
            : throw new GatewayOptionsException(
                $"Without API keys the gateway listens on loopback only, and {options.Url} is more than that. "
                + "Configure Gateway:ApiKeys (client, key, scopes), or use http://127.0.0.1:8080.");
    }

    private static void CheckTime(string name, TimeSpan value, TimeSpan min, TimeSpan max, List<string> faults)
    {
        if (value < min || value > max)
        {
            faults.Add($"{name} must be {min} to {max}; found {value}.");
        }
    }

    private static IPEndPoint Address(string url)
    {
        string concrete = url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(concrete, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
        {
            throw new GatewayOptionsException(
                $"Url must look like http://127.0.0.1:8080, without a path; found {url}. TLS ends in front of the gateway, so https is not for it.");
        }

        string host = uri.DnsSafeHost == "localhost" ? "127.0.0.1" : uri.DnsSafeHost;
        return IPAddress.TryParse(host, out IPAddress? address)
            ? new IPEndPoint(address, uri.Port)
            : throw new GatewayOptionsException($"Url must name an IP address to listen on (0.0.0.0 for all); found {uri.Host}.");
    }
}
