using Carousel.Testing;

namespace Carousel.Cli.Tests;

/// <summary>The command as a person meets it: a process with arguments, an exit code, and one sentence when something is wrong.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("carousel-cli-").FullName;

    [Theory]
    [InlineData("nonsense")]
    [InlineData("up", "--port", "many")]
    [InlineData("topics", "--no-such-flag")]
    [InlineData("load", "--orders", "1", "--gateway", "nowhere")]
    [InlineData("audit", "--ledger", "ftp://127.0.0.1")]
    public async Task A_command_line_that_cannot_be_read_is_wrong_usage_and_points_to_the_help(params string[] arguments)
    {
        CommandRun run = await RunAsync(arguments);
        Assert.Equal(ExitCodes.WrongUsage, run.ExitCode);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No broker is named: give --kafka HOST:PORT", "topics")]
    [InlineData("--port must be 1 to 65531", "up", "--kafka", "127.0.0.1:1", "--port", "65532")]
    [InlineData("Give --retail or --orders, not both.", "up", "--kafka", "127.0.0.1:1", "--orders", "1", "--retail", "x.csv")]
    [InlineData("There is no file", "up", "--kafka", "127.0.0.1:1", "--retail", "no-such-file.csv")]
    [InlineData("Say what to post", "load")]
    [InlineData("--rate must be above 0", "load", "--orders", "1", "--rate", "0")]
    [InlineData("Say what to seed", "seed")]
    [InlineData("TopicPrefix must be", "topics", "--kafka", "127.0.0.1:1", "--topic-prefix", "no blanks")]
    [InlineData("The broker can't listen on 0.0.0.0: it has neither TLS nor SASL yet", "broker", "--listen", "0.0.0.0")]
    [InlineData("--flush must be disk or os, and not 'never'.", "broker", "--flush", "never")]
    [InlineData("There is no directory", "broker", "check", "no-such-directory")]
    [InlineData("it has no meta.properties, so no broker has ever run on it.", "broker", "check", ".")]
    public async Task Wrong_usage_is_one_sentence_that_says_what_to_do(string sentence, params string[] arguments)
    {
        CommandRun run = await RunAsync(arguments);
        Assert.Equal(ExitCodes.WrongUsage, run.ExitCode);
        Assert.Contains(sentence, Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_environment_that_cannot_be_read_is_named()
    {
        CommandRun run = await RunAsync(["topics", "--kafka", "127.0.0.1:1"], ("CAROUSEL_Gateway__BodyBytesMax", "lots"));
        Assert.Equal(ExitCodes.WrongUsage, run.ExitCode);
        Assert.Contains("lots", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_file_that_nobody_knows_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "appsettings.json"), """{ "Carousel": { "Gateway": { "Colour": "red" } } }""");
        CommandRun run = await RunAsync(["topics", "--kafka", "127.0.0.1:1"]);
        Assert.Equal(ExitCodes.WrongUsage, run.ExitCode);
        Assert.Contains("Colour", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_out_of_its_range_is_named()
    {
        CommandRun run = await RunAsync(["topics", "--kafka", "127.0.0.1:1"], ("CAROUSEL_Gateway__ConnectionsMax", "0"));
        Assert.Equal(ExitCodes.WrongUsage, run.ExitCode);
        Assert.Contains("ConnectionsMax", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_a_failure_that_says_what_to_do()
    {
        CommandRun run = await RunAsync(["topics", "--kafka", "127.0.0.1:1"]);
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains("Kafka at 127.0.0.1:1 can't be reached", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seed_file_with_a_wrong_row_names_file_line_and_column()
    {
        string file = Path.Combine(_directory, "customers.csv");
        await File.WriteAllTextAsync(file, "id,status\ncust-1,ACTIVE\ncust-2,HAPPY\n");
        CommandRun run = await RunAsync(["seed", "--customers", file, "--data", Path.Combine(_directory, "data")]);
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains("line 3", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seeding_twice_changes_nothing_the_second_time()
    {
        string stock = Path.Combine(_directory, "stock.csv");
        await File.WriteAllTextAsync(stock, "sku,quantity\nsku-1,10\nsku-2,20\n");
        string[] arguments = ["seed", "--stock", stock, "--data", Path.Combine(_directory, "data")];
        CommandRun first = await RunAsync(arguments);
        CommandRun second = await RunAsync(arguments);
        Assert.Equal((ExitCodes.Done, ExitCodes.Done), (first.ExitCode, second.ExitCode));
        Assert.Contains("2 items (2 new or changed)", first.Output, StringComparison.Ordinal);
        Assert.Contains("2 items (0 new or changed)", second.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<CommandRun> RunAsync(string[] arguments) => RunAsync(arguments, []);

    private Task<CommandRun> RunAsync(string[] arguments, params (string Name, string Value)[] environment) =>
        CommandRun.OfAsync(_directory, TimeSpan.FromMinutes(2), environment.ToDictionary(pair => pair.Name, pair => pair.Value), arguments);
}
