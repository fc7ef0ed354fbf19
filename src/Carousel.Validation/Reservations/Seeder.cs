using Carousel.Orders;

namespace Carousel.Validation.Reservations;

/// <param name="Rows">Rows given.</param>
/// <param name="Changed">Rows that weren't in the database, or not so.</param>
public readonly record struct SeedResult(long Rows, long Changed);

/// <summary>A row can't be seeded; the message says which and why. Rows before it may be in the database, and seeding again is safe.</summary>
public sealed class SeedRefusedException(string message) : Exception(message);

/// <summary>Loads customers and stock. Loading the same again changes nothing, whatever was ordered meanwhile.</summary>
internal sealed class Seeder(IReservationStore store)
{
    /// <summary>Small enough that validation, in another process, hardly waits for it.</summary>
    private const int RowsPerTransaction = 1_000;

    public async Task<SeedResult> SeedAsync(IAsyncEnumerable<Customer> customers, CancellationToken cancellationToken)
    {
        var result = default(SeedResult);
        await foreach (Customer[] chunk in customers.Chunk(RowsPerTransaction).WithCancellation(cancellationToken))
        {
            foreach (Customer customer in chunk)
            {
                Require(Identifier.IsValid(customer.Id, OrderRules.CustomerIdLengthMax), $"Customer id '{customer.Id}' must be 1 to {OrderRules.CustomerIdLengthMax} printable ASCII characters without blanks at the ends.");
            }

            int changed = await store.InTransactionAsync(transaction => PutAsync(transaction, chunk), cancellationToken);
            result = new SeedResult(result.Rows + chunk.Length, result.Changed + changed);
        }

        return result;
    }

    public async Task<SeedResult> SeedAsync(IAsyncEnumerable<StockItem> items, CancellationToken cancellationToken)
    {
        var result = default(SeedResult);
        await foreach (StockItem[] chunk in items.Chunk(RowsPerTransaction).WithCancellation(cancellationToken))
        {
            foreach (StockItem item in chunk)
            {
                Require(Identifier.IsValid(item.Sku, OrderRules.SkuLengthMax), $"Item '{item.Sku}' must be named by 1 to {OrderRules.SkuLengthMax} printable ASCII characters without blanks at the ends.");
                Require(item.Initial >= 0, $"Item {item.Sku} can't start with {item.Initial} pieces; give 0 or more.");
            }

            int changed = await store.InTransactionAsync(transaction => PutAsync(transaction, chunk), cancellationToken);
            result = new SeedResult(result.Rows + chunk.Length, result.Changed + changed);
        }

        return result;
    }

    private static async ValueTask<int> PutAsync(IReservationTransaction transaction, Customer[] customers)
    {
        Dictionary<string, CustomerStatus> known = await transaction.FindCustomersAsync([.. customers.Select(customer => customer.Id)]);
        var changed = new Dictionary<string, Customer>(StringComparer.Ordinal);
        foreach (Customer customer in customers)
        {
            if (!known.TryGetValue(customer.Id, out CustomerStatus status) || status != customer.Status)
            {
                known[customer.Id] = customer.Status;
                changed[customer.Id] = customer;
            }
        }

        await transaction.PutCustomersAsync(changed.Values);
        return changed.Count;
    }

    private static async ValueTask<int> PutAsync(IReservationTransaction transaction, StockItem[] items)
    {
        Dictionary<string, StockRow> known = await transaction.FindStockAsync([.. items.Select(item => item.Sku)]);
        var changed = new Dictionary<string, StockRow>(StringComparer.Ordinal);
        foreach (StockItem item in items)
        {
            if (!known.TryGetValue(item.Sku, out StockRow? row) || row.Initial != item.Initial)
            {
                row = Reseed(item, row);
                known[item.Sku] = row;
                changed[item.Sku] = row;
            }
        }

        await transaction.PutStockAsync(changed.Values);
        return changed.Count;
    }

    /// <summary>What was put on the shelf in addition, or taken off it, changes what is available; what is held or sold stays so.</summary>
    private static StockRow Reseed(StockItem item, StockRow? row)
    {
        long committed = (row?.Reserved ?? 0) + (row?.Sold ?? 0);
        Require(
            item.Initial >= committed,
            $"Item {item.Sku} can't go down to {item.Initial} pieces: {row?.Reserved} are reserved and {row?.Sold} are sold. Give {committed} or more.");
        return new StockRow(item.Sku, item.Initial, item.Initial - committed, row?.Reserved ?? 0, row?.Sold ?? 0);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new SeedRefusedException(otherwise);
        }
    }
}
