using System.Diagnostics;

namespace Carousel.Bench;

/// <summary>Lets two brokers, or two ways to run one, take turns in the order A B B A, so that whatever drifts meanwhile, disk or neighbours, meets both alike.</summary>
internal sealed class BalancedTurns(int rounds)
{
    /// <param name="second">Null where there is nothing to compare with.</param>
    /// <param name="turn">The number tells a broker's turns apart.</param>
    public async Task<(Turn First, Turn? Second)> RunAsync(MeasuredBroker first, MeasuredBroker? second, Func<MeasuredBroker, int, Task<Turn>> turn)
    {
        var turns = new Dictionary<MeasuredBroker, List<Turn>>();
        for (int round = 0; round < rounds; round++)
        {
            foreach (MeasuredBroker? broker in (MeasuredBroker?[])[first, second, second, first])
            {
                if (broker is not null)
                {
                    List<Turn> taken = turns.TryGetValue(broker, out List<Turn>? known) ? known : turns[broker] = [];
                    await SettleDiskAsync();
                    taken.Add(await turn(broker, taken.Count));
                }
            }
        }

        return (Turn.Sum(turns[first]), second is null ? null : Turn.Sum(turns[second]));
    }

    /// <summary>Two of anything, in the same order.</summary>
    public async Task<(List<T> First, List<T> Second)> RunAsync<T>(Func<Task<T>> first, Func<Task<T>> second)
    {
        var turns = (First: new List<T>(), Second: new List<T>());
        for (int round = 0; round < rounds; round++)
        {
            turns.First.Add(await first());
            turns.Second.Add(await second());
            turns.Second.Add(await second());
            turns.First.Add(await first());
        }

        return turns;
    }

    /// <summary>What one broker left in the page cache isn't to be written while the other is measured.</summary>
    public static async Task SettleDiskAsync()
    {
        using Process sync = Process.Start("sync");
        await sync.WaitForExitAsync();
    }
}
