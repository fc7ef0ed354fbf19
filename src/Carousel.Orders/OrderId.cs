using System.Diagnostics.CodeAnalysis;

namespace Carousel.Orders;

/// <summary>An order's id: 1 to 64 printable ASCII characters. The gateway makes its own with <see cref="OrderIdMint"/>; other producers may bring any.</summary>
public readonly record struct OrderId
{
    public const int LengthMax = 64;

    private readonly string? _value;

    private OrderId(string value) => _value = value;

    public static OrderId Parse(string value) =>
        TryParse(value, out OrderId id) ? id : throw new FormatException($"An order id is 1 to {LengthMax} printable ASCII characters.");

    public static bool TryParse([NotNullWhen(true)] string? value, out OrderId id)
    {
        bool valid = Identifier.IsValid(value, LengthMax);
        id = valid ? new OrderId(value!) : default;
        return valid;
    }

    public override string ToString() => _value ?? throw new InvalidOperationException("This OrderId was never given a value.");
}
