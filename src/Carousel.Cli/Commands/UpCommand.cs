using System.CommandLine;
using Carousel.Cli.Auditing;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;
using Carousel.Cli.Loading;
using Carousel.Cli.Up;
using Carousel.Monitor.Audit;
using Carousel.Orders;
using Carousel.Validation;
using Carousel.Validation.Reservations;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Commands;

/// <summary>The whole pipeline, fed with a number of orders, or with a few a second until Ctrl-C. Either way it waits for their ends, audits and stops.</summary>
internal sealed class UpCommand
{
    /// <summary>Who stopped the stream waits so long for the books at most; orchestrators kill after 30 s.</summary>
    private static readonly TimeSpan ClosingTimeMax = TimeSpan.FromSeconds(20);

    private readonly FeedOptions _feed = new();
    private readonly Option<int> _port = new("--port") { Description = "port of the gateway; registry, payments and the embedded broker take the next four", DefaultValueFactory = _ => 8080 };
    private readonly Option<int> _concurrency = new("--concurrency") { Description = "requests at the same time", DefaultValueFactory = _ => 64 };
    private readonly Option<int> _stall = new("--stall") { Description = "seconds without any order ending after which the wait is over", DefaultValueFactory = _ => 120 };
    private readonly Option<LogLevel> _log = ServiceCommand.LogLevelOption(LogLevel.Warning);

    public static Command Create()
    {
        var up = new UpCommand();
        var command = new Command("up", "Run the whole pipeline on this machine, and feed it")
        {
            SettingOption.KafkaOrEmbedded(), SettingOption.DataDirectory(), SettingOption.TopicPrefix(), SettingOption.Flush(), up._port, up._concurrency, up._stall, up._log,
        };
        up._feed.AddTo(command);
        command.SetAction(up.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        CarouselSettings settings = SettingsLoader.Load(parsed);
        int port = parsed.GetValue(_port);
        if (port is < 1 or > 65531)
        {
            throw new UsageException("--port must be 1 to 65531; the four ports after it are used as well.");
        }

        Feed? feed = _feed.Read(parsed);
        using DirectoryLock directory = DirectoryLock.Take(settings.DataDirectory);
        var logging = new Logging(parsed.GetValue(_log));
        using ILoggerFactory loggers = logging.CreateFactory();
        using IDisposable telemetry = Telemetry.Start("up");
        var context = new ServiceContext(settings, logging, loggers);

        await using RunningService? broker = await StartBrokerIfNoneIsNamedAsync(context, port + 4, cancellationToken);
        await Say($"Topics at {settings.Kafka.BootstrapServers} ...");
        IReadOnlyList<string> created = await PipelineServices.EnsureTopicsAsync(settings, cancellationToken);
        await new DataBinding(settings).BindAsync(created.Contains(settings.Topics.Orders), cancellationToken);
        Feed fed = feed ?? Feed.Gentle(TimeProvider.System);
        await Say(await Seeding.SeedAsync(PipelineServices.DatabaseOptions(settings), fed.Seed, loggers, cancellationToken));
        await using Pipeline pipeline = await Pipeline.StartAsync(context, broker, port, parsed.GetValue(_log), cancellationToken);
        await Say($"The wheel turns: POST http://127.0.0.1:{port}/orders, document at http://127.0.0.1:{port}/openapi/v1.json");
        var poster = new OrderPosterOptions { Gateway = new Uri(settings.Gateway.Url), Concurrency = parsed.GetValue(_concurrency), KeepOrderIds = true };
        TimeSpan stall = TimeSpan.FromSeconds(parsed.GetValue(_stall));
        return await pipeline.WhileRunningAsync(failed => feed is null
            ? StreamAsync(settings, fed, poster, cancellationToken, failed)
            : FeedAsync(settings, fed, poster, stall, cancellationToken, failed));
    }

    /// <summary>Without a Kafka to go to, the pipeline brings its own broker.</summary>
    private static async Task<RunningService?> StartBrokerIfNoneIsNamedAsync(ServiceContext context, int port, CancellationToken cancellationToken)
    {
        CarouselSettings settings = context.Settings;
        if (settings.Kafka.BootstrapServers.Length > 0)
        {
            return null;
        }

        settings.Broker.Port = port;
        settings.Broker.DataDirectory = Path.Combine(settings.DataDirectory, "broker");
        RunningService broker = await PipelineServices.StartBrokerAsync(context, cancellationToken);
        settings.Kafka.BootstrapServers = $"127.0.0.1:{port}";
        await Say(BrokerText.Of(settings.Broker));
        return broker;
    }

    /// <summary>Posts a few orders a second until told to stop, which is how it ends well.</summary>
    private static async Task<int> StreamAsync(CarouselSettings settings, Feed feed, OrderPosterOptions poster, CancellationToken ctrlC, CancellationToken failed)
    {
        await Say("Posting generated orders until Ctrl-C.");
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(failed);
        await using CancellationTokenRegistration limit = ctrlC.UnsafeRegister(
            static closing => ((CancellationTokenSource)closing!).CancelAfter(ClosingTimeMax), closing);
        try
        {
            Feed untilStopped = feed with { Orders = feed.Orders.TakeWhile(_ => !ctrlC.IsCancellationRequested) };
            PostingResult posted = await Posting.RunAsync(untilStopped, poster, closing.Token);
            await Say("Stopping: what was accepted is finished first.");
            return await CloseAsync(settings, posted, ClosingTimeMax, closing.Token);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested && !failed.IsCancellationRequested)
        {
            await Say($"That takes more than {ClosingTimeMax.TotalSeconds:N0} s: the rest goes on at the next start. While the services run, ./carousel audit shows the books.");
            return ExitCodes.Done;
        }
    }

    private static async Task<int> FeedAsync(
        CarouselSettings settings, Feed feed, OrderPosterOptions poster, TimeSpan stall, CancellationToken ctrlC, CancellationToken failed)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ctrlC, failed);
        return await CloseAsync(settings, await Posting.RunAsync(feed, poster, stop.Token), stall, stop.Token);
    }

    /// <summary>Waits for the ends of what was posted, and shows the books.</summary>
    private static async Task<int> CloseAsync(CarouselSettings settings, PostingResult posted, TimeSpan stall, CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync(PostingText.Of(posted));
        IReadOnlyCollection<OrderId> left = await WaitAsync(settings, posted, stall, cancellationToken);
        if (left.Count > 0)
        {
            await Say($"{left.Count} orders have not ended, and nothing ended for {stall.TotalSeconds:N0} s; the first is {left.First()}.");
        }

        var ledger = new Uri($"http://127.0.0.1:{settings.PaymentSimulator.AdminPort}");
        var audit = new FinalAudit(stop => PipelineAudit.RunAsync(settings, ledger, stop), TimeProvider.System);
        AuditReport report = await audit.RunAsync(left.Count == 0 ? stall : TimeSpan.Zero, cancellationToken);
        var totals = new PostedOrders(posted.Posted, posted.Accepted, posted.Refused, posted.GivenUp);
        await Console.Out.WriteLineAsync(string.Join(Environment.NewLine, ReconciliationText.Lines(report, totals)));
        return report.Verdict == AuditVerdict.Balanced && left.Count == 0 && posted.GivenUp == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static async Task<IReadOnlyCollection<OrderId>> WaitAsync(
        CarouselSettings settings, PostingResult posted, TimeSpan stall, CancellationToken cancellationToken)
    {
        await using IReservationReader reader = ValidationDatabase.OpenReader(PipelineServices.DatabaseOptions(settings));
        IEnumerable<OrderId> ids = posted.OrderIds!.Pairs().Select(pair => OrderId.Parse(pair.OrderId)).Distinct();
        return await ProgressLine.ShowAsync("waiting", show =>
            new OrderEndings(reader, TimeProvider.System).WaitAsync(ids, stall, progress => show(Text(progress)), cancellationToken));
    }

    private static string Text(EndingProgress progress)
    {
        double rate = progress.Elapsed > TimeSpan.Zero ? progress.Ended / progress.Elapsed.TotalSeconds : 0;
        string left = rate > 0 ? $", {TimeSpan.FromSeconds((progress.Expected - progress.Ended) / rate):mm\\:ss} left" : "";
        return $"ended {progress.Ended:N0} of {progress.Expected:N0}: {progress.Fulfilled:N0} fulfilled, {progress.Rejected:N0} rejected, {rate:N0}/s{left}";
    }

    private static Task Say(string line) => Console.Error.WriteLineAsync(line);
}
