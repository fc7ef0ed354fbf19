using Carousel.Cli.Loading;
using Carousel.Validation;
using Carousel.Validation.Reservations;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli;

/// <summary>Writes customers and stock into validation's database.</summary>
internal static class Seeding
{
    /// <returns>One sentence that says what was done.</returns>
    public static async Task<string> SeedAsync(ValidationOptions options, SeedData data, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        await using ValidationDatabase database = ValidationDatabase.Open(options, loggers);
        SeedResult customers = await database.SeedAsync(
            data.Customers.Select(customer => new Customer(customer.Id, Status(customer.Status))).ToAsyncEnumerable(), cancellationToken);
        SeedResult items = await database.SeedAsync(data.Stock.Select(item => new StockItem(item.Sku, item.Quantity)).ToAsyncEnumerable(), cancellationToken);
        return $"Seeded {customers.Rows:N0} customers ({customers.Changed:N0} new or changed) and {items.Rows:N0} items ({items.Changed:N0} new or changed).";
    }

    private static CustomerStatus Status(string status) => status switch
    {
        SeedCustomer.Active => CustomerStatus.Active,
        SeedCustomer.Blocked => CustomerStatus.Blocked,
        _ => throw new CommandFailedException($"A customer's status must be {SeedCustomer.Active} or {SeedCustomer.Blocked}; found {status}."),
    };
}
