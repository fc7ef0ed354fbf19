using System.Diagnostics;
using Carousel.Broker.StateTopics;
using Carousel.Testing;
using static Carousel.Broker.Tests.Groups.GroupWorld;

namespace Carousel.Broker.Tests.Groups;

/// <summary>Kafka's own tool reads what the coordinator writes.</summary>
public sealed class DumpLogTests : IDisposable
{
    private readonly GroupWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task Kafka_reads_groups_offsets_tombstones_and_transactions()
    {
        (int generation, string[] ids) = await _world.StableAsync("a");
        await _world.CommitAsync(Caller(ids[0], generation), Offset(41, metadata: "ünïcode"));
        await _world.CommitAsync(Caller(ids[0], generation), Offset(7) with { TopicId = new Guid("01234567-89ab-cdef-0123-456789abcdef") });
        await _world.CommitAsync(new(7000, 3), Caller(ids[0], generation), Offset(42));
        _world.End(new ProducerStamp(7000, 3), isCommit: true);
        _world.Leave("", "a");
        await _world.Coordinator.DeleteGroupAsync(GroupId);

        string dump = await DumpAsync();

        string[] records = [.. dump.Split('\n').Where(line => line.StartsWith("| offset", StringComparison.Ordinal))];
        Assert.Contains($"\"generation\":1,\"protocol\":\"range\",\"leader\":\"{ids[0]}\"", records[0], StringComparison.Ordinal);
        Assert.Contains("\"groupInstanceId\":\"a\",\"clientId\":\"client\",\"clientHost\":\"/127.0.0.1\",\"rebalanceTimeout\":60000", records[0], StringComparison.Ordinal);
        Assert.Contains("{\"type\":\"1\",\"data\":{\"group\":\"tellers\",\"topic\":\"orders\",\"partition\":0}}", records[1], StringComparison.Ordinal);
        Assert.Contains("{\"version\":\"4\",\"data\":{\"offset\":41,\"leaderEpoch\":-1,\"metadata\":\"ünïcode\"", records[1], StringComparison.Ordinal);
        Assert.Contains("\"topicId\":\"ASNFZ4mrze8BI0VniavN7w\"", records[2], StringComparison.Ordinal);
        Assert.Contains("\"offset\":42", records[3], StringComparison.Ordinal);
        Assert.Contains("endTxnMarker: COMMIT", records[4], StringComparison.Ordinal);
        Assert.Contains("\"generation\":2,\"protocol\":null,\"leader\":null", records[5], StringComparison.Ordinal);
        Assert.EndsWith("\"partition\":0}} payload: <DELETE>", records[6].TrimEnd(), StringComparison.Ordinal);
        Assert.EndsWith("{\"type\":\"2\",\"data\":{\"group\":\"tellers\"}} payload: <DELETE>", records[7].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(8, dump.Split("isvalid: true").Length - 1);
        Assert.Contains("producerId: 7000 producerEpoch: 3 partitionLeaderEpoch: 0 isTransactional: true isControl: false", dump, StringComparison.Ordinal);
    }

    private async Task<string> DumpAsync()
    {
        string? home = Environment.GetEnvironmentVariable(KafkaProcess.HomeVariable);
        if (string.IsNullOrEmpty(home))
        {
            Assert.Skip($"Needs Apache Kafka's tools: set {KafkaProcess.HomeVariable} to their folder.");
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("carousel-groups-");
        try
        {
            string file = Path.Combine(folder.FullName, "00000000000000000000.log");
            await File.WriteAllBytesAsync(file, [.. _world.Log.Batches.SelectMany(batch => batch)]);
            var start = new ProcessStartInfo(Path.Combine(home, "tool"), ["dump-log", "--offsets-decoder", "--deep-iteration", "--files", file])
            {
                RedirectStandardOutput = true,
            };
            KafkaJava.Configure(start);
            using Process tool = Process.Start(start)!;
            string output = await tool.StandardOutput.ReadToEndAsync().WithinAsync("dump-log had said everything", TimeSpan.FromSeconds(60));
            await tool.WaitForExitAsync().WithinAsync("dump-log ended", TimeSpan.FromSeconds(10));
            return output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
