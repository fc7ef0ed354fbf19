using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Carousel.Monitor.Audit;

/// <summary>
/// The ledger of the payment simulator: <c>GET /v1/ledger</c>, one JSON object per line:
/// <c>{sequence, kind: captured|declined|refunded, id, chargeId (of refunds), reference, orderId, amount: "1.00", currency, at}</c>.
/// </summary>
/// <param name="http">Its base address is the payment service's, such as <c>http://127.0.0.1:8090</c>; its timeout must allow for a long answer.</param>
public sealed class HttpPaymentLedger(HttpClient http) : IPaymentLedger
{
    private const string Path = "v1/ledger";

    public async IAsyncEnumerable<LedgerEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await OpenAsync(cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        for (long line = 1; await ReadLineAsync(reader, cancellationToken) is { } json; line++)
        {
            if (json.Length > 0)
            {
                yield return Parse(json, line);
            }
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await http.GetAsync(new Uri(Path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            int status = (int)response.StatusCode;
            response.Dispose();
            throw new AuditException($"The payment ledger at {http.BaseAddress}{Path} answered {status}. Check the address of the payment service.");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AuditException($"The payment ledger at {http.BaseAddress}{Path} can't be reached: {e.Message} Start the payment service or check its address.", e);
        }
    }

    /// <summary>An answer that is cut off is an error, never a short ledger: HTTP says where its body ends.</summary>
    private async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new AuditException($"The payment ledger at {http.BaseAddress}{Path} broke off: {e.Message}", e);
        }
    }

    private LedgerEntry Parse(string json, long line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement entry = document.RootElement;
            LedgerStatus status = Text(entry, "kind") switch
            {
                "captured" => LedgerStatus.Captured,
                "declined" => LedgerStatus.Declined,
                "refunded" => LedgerStatus.Refunded,
                string other => throw new FormatException($"kind {other} is unknown"),
            };
            return new LedgerEntry(
                Text(entry, status == LedgerStatus.Refunded ? "chargeId" : "id"),
                Text(entry, "reference"),
                Text(entry, "orderId"),
                decimal.Parse(Text(entry, "amount"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture),
                Text(entry, "currency"),
                status,
                entry.GetProperty("at").GetDateTime());
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new AuditException($"Line {line} of the payment ledger at {http.BaseAddress}{Path} isn't an entry: {e.Message}", e);
        }
    }

    private static string Text(JsonElement entry, string name) =>
        entry.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");
}
