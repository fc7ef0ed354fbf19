using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Carousel.Cli.Loading;

/// <summary>Orders as the gateway reads them. Not thread-safe: one writer serialises everything.</summary>
internal sealed class OrderJson : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4 * 1024);
    private readonly Utf8JsonWriter _writer;

    public OrderJson() =>
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>One JSON object without line ends; a line of <c>POST /orders/batch</c> says its Idempotency-Key itself.</summary>
    public byte[] Serialise(OrderToPost order, bool withIdempotencyKey)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        if (withIdempotencyKey)
        {
            _writer.WriteString("idempotencyKey"u8, order.IdempotencyKey);
        }

        _writer.WriteString("customerId"u8, order.CustomerId);
        _writer.WriteString("currency"u8, order.Currency);
        _writer.WriteStartArray("lines"u8);
        foreach (LineToPost line in order.Lines)
        {
            _writer.WriteStartObject();
            _writer.WriteString("sku"u8, line.Sku);
            _writer.WriteNumber("quantity"u8, line.Quantity);
            _writer.WriteString("unitPrice"u8, line.UnitPrice);
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        _writer.WriteString("paymentToken"u8, order.PaymentToken);
        _writer.WriteEndObject();
        _writer.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    public void Dispose() => _writer.Dispose();
}
