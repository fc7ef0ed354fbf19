using Carousel.Stages.Tests.EndToEnd.Proxied;
using Carousel.Stages.Tests.Log;
using Carousel.Testing;

namespace Carousel.Stages.Tests.EndToEnd;

/// <summary>Two instances of a stage whose requests and replies are held up, lost, and delivered late.</summary>
[OnEveryBroker]
[Collection(KafkaCollection.Name)]
public sealed class DisturbedNetworkTests(ITestOutputHelper output)
{
    private const int RecordCount = 2_000;
    private const int TransactionRecordsMax = 50;

    [Fact]
    public async Task Each_record_comes_out_once_and_in_order_whatever_the_network_does()
    {
        await using ProxiedBroker broker = await ProxiedBroker.StartOrSkipAsync();
        ProxiedBroker fed = await broker.FeedAsync("", RecordCount);
        int seed = Random.Shared.Next();
        var network = new RandomNetwork(seed);
        broker.Proxy.Traffic = network;
        try
        {
            await fed.CopyAsync(
                [fed.Log, fed.Log],
                TimeProvider.System,
                TransactionRecordsMax,
                $"{RecordCount} records have come out, and everything has been disturbed in every way",
                () => network.HasDoneItAll && fed.ReadOut().Count >= RecordCount);
        }
        finally
        {
            output.WriteLine($"Seed {seed}: {network}");
        }

        broker.Proxy.Traffic = null;
        ProxiedBroker.RequireOnceInOrder(fed.ReadOut(), RecordCount);
    }
}
