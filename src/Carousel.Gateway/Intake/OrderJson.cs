using System.Text.Json;
using Carousel.Gateway.Problems;
using Carousel.Orders;

namespace Carousel.Gateway.Intake;

/// <summary>
/// Reads the JSON of one order, strictly: fields that no order has, fields that come twice and wrong types are named and refused, so that a misspelt
/// field is never an order without it. Nothing of the input is repeated in a message, apart from names of fields that look like names.
/// </summary>
internal ref struct OrderJson
{
    private const int DepthMax = 8;
    private static ReadOnlySpan<byte> Utf8Bom => [0xEF, 0xBB, 0xBF];
    private readonly OrderDraft _draft;
    private readonly bool _allowIdempotencyKey;
    private Utf8JsonReader _json;

    private OrderJson(ReadOnlySpan<byte> utf8, bool allowIdempotencyKey)
    {
        _draft = new OrderDraft();
        _allowIdempotencyKey = allowIdempotencyKey;
        _json = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
    }

    /// <summary>The draft, or null and the problem when this isn't a JSON object at all.</summary>
    public static OrderDraft? Read(ReadOnlySpan<byte> utf8, bool allowIdempotencyKey, out Problem? problem)
    {
        var reader = new OrderJson(utf8.StartsWith(Utf8Bom) ? utf8[Utf8Bom.Length..] : utf8, allowIdempotencyKey);
        try
        {
            problem = reader.ReadRoot();
            return problem is null ? reader._draft : null;
        }
        catch (JsonException e)
        {
            // The exception's own text may quote the input, and so a token.
            problem = Problem.InvalidJson($"It breaks off being JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} (nesting is allowed to depth {DepthMax}).");
            return null;
        }
    }

    private Problem? ReadRoot()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            return Problem.InvalidJson("An order is a JSON object, {\"customerId\": …}.");
        }

        OrderFields seen = OrderFields.None;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            ReadField(ref seen);
        }

        // Throws on anything but white space behind the object.
        _json.Read();
        foreach ((OrderFields field, string name) in OrderFieldNames.Required)
        {
            if ((seen & field) == 0)
            {
                Refuse(name, RequestCodes.MissingField, $"{name} is missing.");
            }
        }

        return null;
    }

    private void ReadField(ref OrderFields seen)
    {
        OrderFields field = OrderFieldNames.OfOrder(ref _json, _allowIdempotencyKey);
        if (!Expect(field, ref seen, ""))
        {
            return;
        }

        switch (field)
        {
            case OrderFields.CustomerId:
                _draft.CustomerId = ReadText("customerId") ?? _draft.CustomerId;
                break;
            case OrderFields.Currency:
                _draft.Currency = ReadText("currency") ?? _draft.Currency;
                break;
            case OrderFields.PaymentToken:
                _draft.PaymentToken = ReadText("paymentToken") ?? _draft.PaymentToken;
                break;
            case OrderFields.Amount:
                _draft.Amount = _json.TokenType == JsonTokenType.Null ? null : ReadMoney("amount");
                break;
            case OrderFields.IdempotencyKey:
                ReadIdempotencyKey();
                break;
            default:
                ReadLines();
                break;
        }
    }

    private void ReadIdempotencyKey()
    {
        if (_json.TokenType == JsonTokenType.Null)
        {
            return;
        }

        _draft.IdempotencyKey = ReadText("idempotencyKey");
        if (_draft.IdempotencyKey is { } key && !Identifier.IsValid(key, OrderIntake.IdempotencyKeyLengthMax))
        {
            Refuse("idempotencyKey", RequestCodes.InvalidIdempotencyKey, "idempotencyKey must be 1 to 255 printable ASCII characters without blanks at the ends.");
        }
    }

    private void ReadLines()
    {
        if (_json.TokenType != JsonTokenType.StartArray)
        {
            RefuseType("lines", "an array of {sku, quantity, unitPrice}");
            return;
        }

        var lines = new List<OrderLine>();
        int count = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            // Beyond the limit lines are only counted, so that a refused order costs no more memory than an allowed one.
            if (count++ < OrderRules.LinesMax)
            {
                lines.Add(ReadLine(count - 1));
            }
            else
            {
                _json.Skip();
            }
        }

        _draft.Lines = lines;
        if (count > OrderRules.LinesMax)
        {
            Refuse("lines", RuleCodes.LineCount, $"lines must hold 1 to {OrderRules.LinesMax} lines; found {count}.");
        }
    }

    private OrderLine ReadLine(int index)
    {
        (string sku, int quantity, decimal unitPrice) = ("x", 1, 1m);
        string path = $"lines[{index}]";
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            RefuseType(path, "an object {sku, quantity, unitPrice}");
            return new OrderLine(sku, quantity, unitPrice);
        }

        OrderFields seen = OrderFields.None;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            OrderFields field = OrderFieldNames.OfLine(ref _json);
            if (!Expect(field, ref seen, path))
            {
                continue;
            }

            switch (field)
            {
                case OrderFields.Sku:
                    sku = ReadText($"{path}.sku") ?? sku;
                    break;
                case OrderFields.Quantity:
                    quantity = ReadQuantity(path) ?? quantity;
                    break;
                default:
                    unitPrice = ReadMoney($"{path}.unitPrice") ?? unitPrice;
                    break;
            }
        }

        foreach ((OrderFields field, string name) in OrderFieldNames.RequiredOfLine)
        {
            if ((seen & field) == 0)
            {
                Refuse($"{path}.{name}", RequestCodes.MissingField, $"{name} is missing.");
            }
        }

        return new OrderLine(sku, quantity, unitPrice);
    }

    /// <summary>Moves on to the value of a property; skips it, with a violation, when the property isn't expected here.</summary>
    private bool Expect(OrderFields field, ref OrderFields seen, string path)
    {
        bool expected = field != OrderFields.None && (seen & field) == 0;
        if (!expected)
        {
            string name = OrderFieldNames.Show(ref _json);
            string where = path.Length == 0 ? name : $"{path}.{name}";
            (string code, string message) = field == OrderFields.None
                ? (RequestCodes.UnknownField, "there is no such field; the fields are described at /openapi/v1.json.")
                : (RequestCodes.DuplicateField, "the field comes more than once.");
            Refuse(where, code, message);
        }

        seen |= field;
        _json.Read();
        if (!expected)
        {
            _json.Skip();
        }

        return expected;
    }

    private string? ReadText(string path)
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            RefuseType(path, "a string");
            return null;
        }

        try
        {
            return _json.GetString();
        }
        catch (InvalidOperationException)
        {
            Refuse(path, RequestCodes.InvalidText, "the text isn't valid UTF-8 or has half a surrogate pair.");
            return null;
        }
    }

    private int? ReadQuantity(string path)
    {
        if (_json.TokenType != JsonTokenType.Number)
        {
            RefuseType($"{path}.quantity", "a number");
            return null;
        }

        if (_json.TryGetInt32(out int quantity))
        {
            return quantity;
        }

        Refuse($"{path}.quantity", RuleCodes.InvalidQuantity, $"quantity must be a whole number from 1 to {int.MaxValue}, without point or exponent.");
        return null;
    }

    private decimal? ReadMoney(string path)
    {
        if (_json.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
        {
            RefuseType(path, "a decimal in a string, such as \"2.55\"");
            return null;
        }

        if (!_json.ValueIsEscaped && PlainDecimal.TryParse(_json.ValueSpan, out decimal value))
        {
            return value;
        }

        Refuse(path, RequestCodes.InvalidNumber, "must be a plain decimal such as \"2.55\": digits and a point, at most 28 digits, no exponent.");
        return null;
    }

    private void RefuseType(string path, string wanted)
    {
        string found = _json.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.Null => "null",
            _ => "a boolean",
        };
        _json.Skip();
        Refuse(path, RequestCodes.WrongType, $"must be {wanted}; found {found}.");
    }

    private readonly void Refuse(string field, string code, string message)
    {
        if (_draft.Violations.Count < OrderRules.ViolationsMax)
        {
            _draft.Violations.Add(new RuleViolation(field, code, message));
        }
    }
}
