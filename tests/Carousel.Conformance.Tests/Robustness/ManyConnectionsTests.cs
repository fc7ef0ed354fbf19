using System.Globalization;
using Carousel.Conformance.Tests.Brokers;
using Carousel.Conformance.Tests.Differential;
using Carousel.Testing;
using Carousel.Wire;

namespace Carousel.Conformance.Tests.Robustness;

/// <summary>Many connections that do nothing, and a few that take nothing off the wire.</summary>
public sealed class ManyConnectionsTests(OwnBroker own) : IClassFixture<OwnBroker>
{
    private const int Wanted = 10_000;

    /// <summary>Files that the test process needs beside its connections.</summary>
    private const int FilesSpared = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly EmbeddedBroker _broker = own.Broker;

    [Fact]
    public async Task Ten_thousand_idle_connections_are_held_and_others_served()
    {
        int count = Math.Min(Wanted, FilesMax() - FilesSpared);
        Assert.SkipWhen(count < 1_000, $"This process may open {FilesMax()} files only (ulimit -n): too few to be many.");
        TestContext.Current.SendDiagnosticMessage($"{count} connections, by ulimit -n.");
        long before = ProcessMemory.ResidentMiB(_broker.ProcessId);
        List<RawConnection> idle = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                idle.Add(await RawConnection.OpenAsync(_broker.Port));
            }

            await Handshake.IsAnsweredAsync(_broker.Port).WithinAsync($"a newcomer is served beside {count} connections", Patience);
            await Handshake.ExchangeAsync(idle[0].Stream).WithinAsync("the oldest connection is served", Patience);
            await Handshake.ExchangeAsync(idle[^1].Stream).WithinAsync("the youngest connection is served", Patience);
            double kibibytesEach = (ProcessMemory.ResidentMiB(_broker.ProcessId) - before) * 1024.0 / count;
            Assert.True(kibibytesEach < 32, $"An idle connection takes {kibibytesEach:F1} KiB.");
        }
        finally
        {
            idle.ForEach(connection => connection.Dispose());
        }

        await Handshake.IsAnsweredAsync(_broker.Port).WithinAsync("the broker serves when they are gone", Patience);
    }

    [Fact]
    public async Task Readers_that_never_read_hold_up_nobody_and_fill_no_memory()
    {
        await using var dialogue = new Dialogue(_broker.Port, new Dictionary<ApiKey, (short Min, short Max)>());
        Guid id = await dialogue.CreateTopicAsync("fat");
        var writer = new PartitionWriter(dialogue, 9, "fat", id);
        for (int i = 0; i < 20; i++)
        {
            await writer.WriteAsync(new BatchBytes { Values = [new string('x', 900_000)] });
        }

        long before = ProcessMemory.ResidentMiB(_broker.ProcessId);
        List<BrokerConnection> stalled = [];
        for (int i = 0; i < 20; i++)
        {
            BrokerConnection connection = await BrokerConnection.OpenAsync(_broker.Port);
            stalled.Add(connection);

            // 50 answers of 18 MB each would be 900 MB for each of them.
            for (int n = 0; n < 50; n++)
            {
                await connection.SendOnlyAsync(
                    new FetchRequest { MinBytes = 1, MaxBytes = 50_000_000, SessionEpoch = -1, Topics = [new() { Topic = "fat", Partitions = [new() { PartitionMaxBytes = 50_000_000 }] }] }, 11);
            }
        }

        await dialogue.DoAsync<FetchRequest, FetchResponse>(
            11, new FetchRequest { MinBytes = 1, SessionEpoch = -1, Topics = [new() { Topic = "fat", Partitions = [new() { PartitionMaxBytes = 1_000_000 }] }] }).WithinAsync("another reader is served", Patience);
        await writer.WriteAsync(new BatchBytes()).WithinAsync("a writer is served", Patience);
        long growth = ProcessMemory.PeakMiB(_broker.ProcessId) - before;
        Assert.True(growth < 500, $"20 readers that don't read take {growth} MiB.");
        foreach (BrokerConnection connection in stalled)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>The runtime has raised the soft limit to the hard one when it started.</summary>
    private static int FilesMax()
    {
        string line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out int files) ? files : int.MaxValue;
    }
}
