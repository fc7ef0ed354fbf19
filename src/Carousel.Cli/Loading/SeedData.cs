namespace Carousel.Cli.Loading;

/// <summary>What validation has to know before the orders arrive.</summary>
internal sealed record SeedData(IReadOnlyList<SeedCustomer> Customers, IReadOnlyList<SeedStock> Stock);

/// <param name="Status"><see cref="Active"/> or <see cref="Blocked"/>.</param>
internal sealed record SeedCustomer(string Id, string Status)
{
    public const string Active = "ACTIVE";
    public const string Blocked = "BLOCKED";
}

/// <param name="Quantity">Pieces on hand, at least 0.</param>
internal sealed record SeedStock(string Sku, long Quantity);
