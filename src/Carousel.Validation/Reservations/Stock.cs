namespace Carousel.Validation.Reservations;

public enum CustomerStatus
{
    Active,
    Blocked,
}

public sealed record Customer(string Id, CustomerStatus Status);

/// <summary>An item as it is seeded.</summary>
/// <param name="Initial">Pieces ever put on the shelf, at least 0.</param>
public sealed record StockItem(string Sku, long Initial);

/// <summary>Where the pieces of one item are. At every commit Initial = Available + Reserved + Sold, none of them negative.</summary>
public sealed record StockRow(string Sku, long Initial, long Available, long Reserved, long Sold);

/// <summary>What one transaction changes on one item.</summary>
internal readonly record struct StockChange(string Sku, long Available, long Reserved, long Sold);
