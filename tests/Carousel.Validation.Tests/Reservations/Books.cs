using Carousel.Validation.Reservations;

namespace Carousel.Validation.Tests.Reservations;

internal static class Books
{
    /// <summary>Stock is where the reservations say, piece by piece, at this moment.</summary>
    /// <returns>How many reservations there are.</returns>
    public static async Task<int> AssertBalancedAsync(IReservationReader reader)
    {
        await using IReservationSnapshot snapshot = await reader.OpenSnapshotAsync(CancellationToken.None);
        var held = new Dictionary<(string Sku, ReservationState State), long>();
        int count = 0;
        await foreach (Reservation reservation in snapshot.ReadReservationsAsync(CancellationToken.None))
        {
            count++;
            foreach (ReservedItem item in reservation.Items)
            {
                held[(item.Sku, reservation.State)] = held.GetValueOrDefault((item.Sku, reservation.State)) + item.Quantity;
            }
        }

        await foreach (StockRow row in snapshot.ReadStockAsync(CancellationToken.None))
        {
            Assert.Equal(held.GetValueOrDefault((row.Sku, ReservationState.Reserved)), row.Reserved);
            Assert.Equal(held.GetValueOrDefault((row.Sku, ReservationState.Sold)), row.Sold);
            Assert.Equal(row.Initial, row.Available + row.Reserved + row.Sold);
            Assert.True(row.Available >= 0, $"{row.Sku} is oversold");
        }

        return count;
    }
}
