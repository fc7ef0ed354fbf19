using System.Globalization;
using Carousel.Testing;
using Carousel.Testing.Brokers;

namespace Carousel.Integration.Tests;

/// <summary>What keeps the embedded broker from starting is one sentence that says what to do, and an exit code.</summary>
public sealed class EmbeddedBrokerRefusalTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("carousel-refusal-").FullName;
    private readonly ServiceProcess _broker;
    private readonly int _port = FreePort.NextRun(5) + 4;

    public EmbeddedBrokerRefusalTests() => _broker = new ServiceProcess(
        Path.Combine(_directory, "broker.log"), () => Handshake.IsAnsweredAsync(_port), "broker", "--data", InUse, "--port", Text(_port));

    private string InUse => Path.Combine(_directory, "pipeline", "broker");

    public async ValueTask InitializeAsync() => await _broker.StartAsync();

    [Fact]
    public async Task A_directory_that_another_process_has_is_left_to_it()
    {
        string sentence = $"The data directory {InUse} is in use by process {_broker.Id}";
        await AssertFailsAsync(1, sentence, "broker", "--data", InUse, "--port", "0", "--log", "Warning");
        await AssertFailsAsync(1, sentence, "up", "--data", Path.GetDirectoryName(InUse)!, "--port", Text(FreePort.NextRun(5)));
        await AssertFailsAsync(2, sentence, "broker", "check", InUse);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        string sentence = $"Port {_port} of 127.0.0.1 is in use: stop who has it, or name another with --port.";
        await AssertFailsAsync(1, sentence, "broker", "--data", "other", "--port", Text(_port), "--log", "Warning");

        // The pipeline's broker is at the fourth port after the gateway's.
        await AssertFailsAsync(1, sentence, "up", "--data", "another", "--port", Text(_port - 4));
    }

    [Fact]
    public async Task A_directory_of_another_kind_is_left_as_it_is()
    {
        string foreign = Path.Combine(_directory, "photos", "broker");
        Directory.CreateDirectory(foreign);
        await File.WriteAllTextAsync(Path.Combine(foreign, "cat.jpg"), "");
        string sentence = $"{foreign} isn't the data directory of a broker, and isn't empty: it has cat.jpg.";
        await AssertFailsAsync(1, sentence, "broker", "--data", foreign, "--port", "0", "--log", "Warning");
        await AssertFailsAsync(1, sentence, "up", "--data", Path.GetDirectoryName(foreign)!, "--port", Text(FreePort.NextRun(5)));
        await AssertFailsAsync(2, sentence, "broker", "check", foreign);
        Assert.Equal(["cat.jpg"], Directory.GetFileSystemEntries(foreign).Select(path => Path.GetFileName(path)));
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AssertFailsAsync(int exitCode, string sentence, params string[] arguments)
    {
        CommandRun run = await CommandRun.OfAsync(_directory, arguments);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(sentence, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
