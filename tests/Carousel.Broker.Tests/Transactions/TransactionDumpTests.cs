using System.Diagnostics;
using Carousel.Broker.StateTopics;
using Carousel.Broker.Tests.StateTopics;
using Carousel.Broker.Transactions;
using Carousel.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Carousel.Broker.Tests.Transactions;

/// <summary>Kafka's own tool reads what the coordinator writes.</summary>
public sealed class TransactionDumpTests
{
    [Fact]
    public async Task Kafka_reads_the_states_of_a_transactional_id()
    {
        string? home = Environment.GetEnvironmentVariable(KafkaProcess.HomeVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(home), $"Needs Apache Kafka's tool script: set {KafkaProcess.HomeVariable} to its folder.");
        var log = new MemoryStateLog();
        var topic = new StateTopic("__transaction_state", [log], new FakeTimeProvider());
        var empty = TransactionMetadata.New(7, 60_000, 1_000) with { ProducerEpoch = 2 };
        TransactionMetadata ongoing = TransactionTransitions.AddPartitions(
            empty, empty.Producer, [new("orders", 1), new("orders", 0)], TransactionVersion.EpochBump, 2_000).Next!;
        TransactionMetadata decided = EndTransition.Of(ongoing, empty.Producer, isCommit: true, TransactionVersion.EpochBump, -1, 3_000).Next!;
        TransactionMetadata[] states = [empty, ongoing, decided, TransactionTransitions.Complete(decided, 4_000)];
        StateRecord[] records = [.. states.Select(state => TransactionRecords.Write("stage-1", state)), TransactionRecords.Tombstone("stage-1")];
        Assert.All(records, record => Assert.Equal(Carousel.Wire.ErrorCode.None, topic.Append(0, [record]).Error));

        string[] lines = [.. (await DumpAsync(home!, log)).Split('\n').Where(line => line.StartsWith("| offset", StringComparison.Ordinal))];
        Assert.Equal(records.Length, lines.Length);
        Assert.All(lines, line => Assert.Contains("{\"type\":\"0\",\"data\":{\"transactionalId\":\"stage-1\"}}", line, StringComparison.Ordinal));
        Assert.Contains("\"transactionStatus\":0,\"transactionPartitions\":null", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"transactionStatus\":1,\"transactionPartitions\":[{\"topic\":\"orders\",\"partitionIds\":[0,1]}]", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"producerEpoch\":3,\"transactionTimeoutMs\":60000,\"transactionStatus\":2", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"clientTransactionVersion\":2", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"transactionStatus\":4,\"transactionPartitions\":[]", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("payload: <DELETE>", lines[4].TrimEnd(), StringComparison.Ordinal);
    }

    private static async Task<string> DumpAsync(string home, MemoryStateLog log)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("carousel-transactions-");
        try
        {
            string file = Path.Combine(folder.FullName, "00000000000000000000.log");
            await File.WriteAllBytesAsync(file, [.. log.Batches.SelectMany(batch => batch)]);
            string[] arguments = ["dump-log", "--transaction-log-decoder", "--deep-iteration", "--files", file];
            var start = new ProcessStartInfo(Path.Combine(home, "tool"), arguments) { RedirectStandardOutput = true };
            KafkaJava.Configure(start);
            using Process tool = Process.Start(start)!;
            string output = await tool.StandardOutput.ReadToEndAsync().WithinAsync("dump-log has said everything", TimeSpan.FromSeconds(60));
            await tool.WaitForExitAsync().WithinAsync("dump-log has ended", TimeSpan.FromSeconds(10));
            return output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
