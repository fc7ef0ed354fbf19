using Carousel.Orders;
using Carousel.Validation.Reservations;

namespace Carousel.Cli.Up;

/// <summary>How far the orders have come.</summary>
internal sealed record EndingProgress(long Ended, long Expected, long Fulfilled, long Rejected, TimeSpan Elapsed);

/// <summary>Waits until each of the orders has ended, by asking the reservations, oldest order first.</summary>
internal sealed class OrderEndings(IReservationReader reservations, TimeProvider time)
{
    /// <summary>Orders that are looked at before the wheel is given time to turn.</summary>
    private const int LookAhead = 5_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <param name="stallMax">How long nothing may end before the wait is over.</param>
    /// <returns>The orders that haven't ended, because nothing did for <paramref name="stallMax"/>.</returns>
    public async Task<IReadOnlyCollection<OrderId>> WaitAsync(
        IEnumerable<OrderId> orders, TimeSpan stallMax, Action<EndingProgress> report, CancellationToken cancellationToken)
    {
        var waiting = new Queue<OrderId>(orders);
        int expected = waiting.Count;
        long fulfilled = 0;
        long rejected = 0;
        long started = time.GetTimestamp();
        long lastEnd = started;
        while (waiting.Count > 0 && time.GetElapsedTime(lastEnd) < stallMax)
        {
            int before = waiting.Count;
            int looks = Math.Min(LookAhead, before);
            for (int i = 0; i < looks; i++)
            {
                OrderId id = waiting.Dequeue();
                switch ((await reservations.FindAsync(id, cancellationToken))?.State)
                {
                    case ReservationState.Sold:
                        fulfilled++;
                        break;
                    case ReservationState.Rejected or ReservationState.Released:
                        rejected++;
                        break;
                    default:
                        waiting.Enqueue(id);
                        break;
                }
            }

            bool ended = waiting.Count < before;
            lastEnd = ended ? time.GetTimestamp() : lastEnd;
            report(new EndingProgress(expected - waiting.Count, expected, fulfilled, rejected, time.GetElapsedTime(started)));
            if (waiting.Count > before - looks)
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
        }

        return waiting;
    }
}
