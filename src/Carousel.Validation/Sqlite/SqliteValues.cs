using System.Buffers;
using System.Text;
using System.Text.Json;
using Carousel.Validation.Reservations;

namespace Carousel.Validation.Sqlite;

/// <summary>How values are kept in columns, and sets in JSON parameters.</summary>
internal static class SqliteValues
{
    private const decimal AmountUnits = 100m;

    public static long ToMicroseconds(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTime ToTime(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Exact: the rules of an order allow no more than 2 decimals.</summary>
    public static long ToUnits(decimal amount)
    {
        decimal units = amount * AmountUnits;
        return decimal.IsInteger(units)
            ? (long)units
            : throw new InvalidOperationException($"The amount {amount} has more than 2 decimals and would lose some of them in the database.");
    }

    public static decimal ToAmount(long units) => new((int)(ulong)Math.Abs(units), (int)((ulong)Math.Abs(units) >> 32), 0, units < 0, 2);

    public static string ToText(ReservationState state) => state switch
    {
        ReservationState.Reserved => "RESERVED",
        ReservationState.Sold => "SOLD",
        ReservationState.Rejected => "REJECTED",
        ReservationState.Released => "RELEASED",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a state"),
    };

    public static ReservationState ToState(string text) => text switch
    {
        "RESERVED" => ReservationState.Reserved,
        "SOLD" => ReservationState.Sold,
        "REJECTED" => ReservationState.Rejected,
        "RELEASED" => ReservationState.Released,
        _ => throw new InvalidOperationException($"The database holds the reservation state '{text}', which this version doesn't know."),
    };

    public static string ToText(CustomerStatus status) => status == CustomerStatus.Active ? "ACTIVE" : "BLOCKED";

    public static CustomerStatus ToStatus(string text) => text == "ACTIVE" ? CustomerStatus.Active : CustomerStatus.Blocked;

    /// <summary><c>["a","b"]</c></summary>
    public static string ToJson(IEnumerable<string> ids) => JsonSerializer.Serialize(ids);

    /// <summary><c>{"sku":quantity}</c>, or null for none.</summary>
    public static string? ToJson(IReadOnlyList<ReservedItem> items) => items.Count == 0 ? null : Write(writer =>
    {
        writer.WriteStartObject();
        foreach (ReservedItem item in items)
        {
            writer.WriteNumber(item.Sku, item.Quantity);
        }

        writer.WriteEndObject();
    });

    public static IReadOnlyList<ReservedItem> ToItems(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        var items = new List<ReservedItem>();
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                string sku = reader.GetString()!;
                reader.Read();
                items.Add(new ReservedItem(sku, reader.GetInt64()));
            }
        }

        return items;
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
