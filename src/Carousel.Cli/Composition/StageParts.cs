using System.Diagnostics.Metrics;
using Carousel.Cli.Commands;
using Carousel.Cli.Configuration;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.Registry.Client;
using Carousel.Stages;
using Carousel.Stages.Log.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Composition;

/// <summary>What the stages of one service share: the registry's client, the values, meters and logs.</summary>
internal sealed class StageParts : IAsyncDisposable
{
    private static readonly TimeSpan RegistryRetryDelay = TimeSpan.FromSeconds(1);
    private readonly ServiceContext _context;
    private readonly string _service;
    private readonly RegistryClient _registry;
    private readonly ServiceProvider _metering;
    private readonly ILogger _logger;

    public StageParts(ServiceContext context, string service)
    {
        _context = context;
        _service = service;
        _registry = new RegistryClient(new HttpClient(), context.Settings.Registry);
        _metering = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _logger = context.Loggers.CreateLogger($"Carousel.{service}");
        Topics = context.Settings.Topics;
        Values = new OrderValues(Topics, _registry);
    }

    public CarouselTopics Topics { get; }

    public OrderValues Values { get; }

    public IMeterFactory Meters => _metering.GetRequiredService<IMeterFactory>();

    /// <summary>Registers what the stages write, before they read a record. A registry that is away is waited for.</summary>
    /// <exception cref="SchemaRefusedException">The registry holds a schema that ours isn't compatible with.</exception>
    public async Task RegisterSchemasAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Values.Orders.RegisterAsync(cancellationToken);
                await Values.Validated.RegisterAsync(cancellationToken);
                await Values.Fulfilled.RegisterAsync(cancellationToken);
                await Values.DeadLetters.RegisterAsync(cancellationToken);
                return;
            }
            catch (RegistryUnavailableException e)
            {
                ServiceLog.RegistryAway(_logger, _service, e.Message);
            }

            await Task.Delay(RegistryRetryDelay, cancellationToken);
        }
    }

    public Stage CreateStage(string name, string group, IReadOnlyList<string> topics, StageSettings settings, IBatchHandler handler) =>
        new(Options(name, group, topics, settings), Log(name, settings), handler, DeadLetters(name), Environment());

    public Stage CreateStage(string name, string group, IReadOnlyList<string> topics, StageSettings settings, IRecordHandler handler) =>
        new(Options(name, group, topics, settings), Log(name, settings), handler, DeadLetters(name), Environment());

    /// <summary>Runs the stages until told to stop; one that ends early takes the others with it.</summary>
    public static async Task RunTogetherAsync(CancellationToken cancellationToken, params Stage[] stages)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] runs = [.. stages.Select(stage => stage.RunAsync(together.Token))];
        await Task.WhenAny(runs);
        await together.CancelAsync();
        await Task.WhenAll(runs);
    }

    public async ValueTask DisposeAsync()
    {
        _registry.Dispose();
        await _metering.DisposeAsync();
    }

    private KafkaStageLog Log(string name, StageSettings settings) => new(_context.Settings.Kafka, $"carousel-{name}-{settings.Slot}", _logger);

    private OrderDeadLetterWriter DeadLetters(string name) => new(name, Topics, Values);

    private StageEnvironment Environment() => new(TimeProvider.System, Random.Shared, Meters, _logger);

    private StageOptions Options(string name, string group, IReadOnlyList<string> topics, StageSettings settings)
    {
        var options = new StageOptions
        {
            Name = name,
            Group = group,
            Topics = topics,
            Slot = settings.Slot,
            ProgressTopic = Topics.StageProgress,
            StaticMembership = settings.StaticMembership,
        };
        options.WindowRecordsMax = settings.WindowRecordsMax ?? options.WindowRecordsMax;
        options.BatchRecordsMax = settings.BatchRecordsMax ?? options.BatchRecordsMax;
        options.TransactionInterval = settings.TransactionInterval ?? options.TransactionInterval;
        options.Retry.AttemptsMax = settings.AttemptsMax ?? options.Retry.AttemptsMax;
        options.Retry.AgeMax = settings.RetryAgeMax ?? options.Retry.AgeMax;
        return options;
    }
}

internal static partial class ServiceLog
{
    [LoggerMessage(9000, LogLevel.Warning, "{Service} waits for the schema registry: {Message}")]
    public static partial void RegistryAway(ILogger logger, string service, string message);
}
