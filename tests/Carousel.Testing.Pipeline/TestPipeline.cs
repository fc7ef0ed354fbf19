using System.Net.Http.Json;
using Carousel.Cli;
using Carousel.Cli.Auditing;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;
using Carousel.Cli.Loading;
using Carousel.Cli.Up;
using Carousel.Kafka;
using Carousel.Monitor.Audit;
using Carousel.Orders;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;

namespace Carousel.Testing.Pipeline;

/// <summary>A whole pipeline of processes on a real broker, with topics, ports and files of its own.</summary>
internal sealed class TestPipeline : IAsyncDisposable
{
    private const long MemoryMax = 400L * 1024 * 1024;
    private readonly string _directory = Directory.CreateTempSubdirectory("carousel-pipeline-").FullName;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly HttpClient _http = new();
    private readonly int _gatewayPort = FreePort.Next();
    private readonly int _paymentsAdminPort = FreePort.Next();

    // A pipeline that didn't end well leaves its logs and books to be looked at.
    private bool _endedWell;

    /// <param name="environment">Variables for every service.</param>
    /// <param name="stageLogLevel">Of validation and fulfillment.</param>
    /// <param name="instances">Of validation, and of fulfillment, each with a slot of its own.</param>
    public TestPipeline(
        string kafka, string prefix, IReadOnlyDictionary<string, string>? environment = null, string stageLogLevel = "Debug", int instances = 1)
    {
        _environment = environment ?? new Dictionary<string, string>();
        int registryPort = FreePort.Next();
        int paymentsPort = FreePort.Next();
        Settings = new CarouselSettings { DataDirectory = Path.Combine(_directory, "data"), TopicPrefix = prefix };
        Settings.Kafka.BootstrapServers = kafka;
        Settings.Registry.Url = $"http://127.0.0.1:{registryPort}";
        Registry = Service("registry", Answers($"http://127.0.0.1:{registryPort}/subjects"), "--kafka", kafka, "--url", Settings.Registry.Url, "--topic", prefix + "_schemas");
        Payments = Service(
            "payments", Answers(FaultsUrl), "--data", Path.Combine(_directory, "ledger"), "--port", $"{paymentsPort}", "--admin-port", $"{_paymentsAdminPort}");
        string[] common = ["--kafka", kafka, "--registry", Settings.Registry.Url, "--topic-prefix", prefix];
        Validations = Instances("validation", instances, [.. common, "--log", stageLogLevel, "--data", Settings.DataDirectory]);
        Fulfillments = Instances("fulfillment", instances, [.. common, "--log", stageLogLevel, "--payments", $"http://127.0.0.1:{paymentsPort}"]);
        Gateway = Service("gateway", Answers($"{GatewayUrl}/health/ready"), [.. common, "--data", Settings.DataDirectory, "--url", GatewayUrl]);
    }

    public CarouselSettings Settings { get; }

    public ServiceProcess Registry { get; }

    public ServiceProcess Payments { get; }

    /// <summary>The instances of validation; the place in the list is the slot.</summary>
    public IReadOnlyList<ServiceProcess> Validations { get; }

    /// <inheritdoc cref="Validations"/>
    public IReadOnlyList<ServiceProcess> Fulfillments { get; }

    public ServiceProcess Validation => Validations[0];

    public ServiceProcess Fulfillment => Fulfillments[0];

    public ServiceProcess Gateway { get; }

    public string GatewayUrl => $"http://127.0.0.1:{_gatewayPort}";

    private string FaultsUrl => $"http://127.0.0.1:{_paymentsAdminPort}/faults";

    private ServiceProcess[] Services => [Registry, Payments, .. Validations, .. Fulfillments, Gateway];

    /// <summary>Seeds and starts everything.</summary>
    public async Task StartAsync(SeedData seed)
    {
        await PipelineServices.EnsureTopicsAsync(Settings, CancellationToken.None);
        Directory.CreateDirectory(Settings.DataDirectory);
        await Seeding.SeedAsync(PipelineServices.DatabaseOptions(Settings), seed, NullLoggerFactory.Instance, CancellationToken.None);
        await Registry.StartAsync();
        await Payments.StartAsync();
        await Task.WhenAll([.. Validations.Select(instance => instance.StartAsync()), .. Fulfillments.Select(instance => instance.StartAsync()), Gateway.StartAsync()]);
    }

    /// <summary>PUT /faults of the payment simulator.</summary>
    public async Task SetFaultsAsync(object faults)
    {
        using HttpResponseMessage answer = await _http.PutAsJsonAsync(FaultsUrl, faults);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<PostingResult> PostAsync(IEnumerable<OrderToPost> orders, double? rate = null, int concurrency = 64, int batchSize = 0)
    {
        var options = new OrderPosterOptions
        {
            Gateway = new Uri(GatewayUrl), RatePerSecond = rate, Concurrency = concurrency, BatchSize = batchSize, KeepOrderIds = true, GiveUpAfter = TimeSpan.FromMinutes(3),
        };
        using var poster = new OrderPoster(options, TimeProvider.System);
        return await poster.RunAsync(orders, null, null, CancellationToken.None);
    }

    /// <summary>Audits until everything has ended, and sees to it that nothing is broken and that no service needed too much memory.</summary>
    /// <param name="memoryMax">Bytes that a service may have needed at most.</param>
    public async Task<AuditReport> EndBalancedAsync(TimeSpan? timeout = null, long memoryMax = MemoryMax)
    {
        AuditReport report = await Eventually.TrueAsync(
            $"all orders end (the services' logs: {_directory})",
            AuditAsync,
            audit => audit.Verdict != AuditVerdict.NotEndedYet && !audit.LogMoved,
            timeout ?? TimeSpan.FromMinutes(3));
        Require(report.Verdict == AuditVerdict.Balanced, string.Join(Environment.NewLine, ReconciliationText.Lines(report)));
        foreach (ServiceProcess service in Services)
        {
            service.ReadPeakMemory();
            Require(service.PeakMemoryBytes < memoryMax, $"{service.LogFile}: peak memory {service.PeakMemoryBytes / 1024 / 1024} MiB");
        }

        _endedWell = true;
        return report;
    }

    /// <summary>Records of a topic, and the markers of transactions among them: it grows as orders pass, and costs little to ask for.</summary>
    /// <param name="topic">Its whole name.</param>
    public async Task<IReadOnlyList<long>> EndOffsetsAsync(string topic)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClientSettings.Admin(Settings.Kafka, "test")).SetLogHandler((_, _) => { }).Build();
        ListOffsetsResult ends = await admin.ListOffsetsAsync(
            Enumerable.Range(0, CarouselTopics.PartitionCount).Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, partition), OffsetSpec = OffsetSpec.Latest() }));
        return [.. ends.ResultInfos.OrderBy(end => end.TopicPartitionOffsetError.Partition.Value).Select(end => end.TopicPartitionOffsetError.Offset.Value)];
    }

    public Task<AuditReport> AuditAsync() => PipelineAudit.RunAsync(Settings, new Uri($"http://127.0.0.1:{_paymentsAdminPort}"), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceProcess service in Enumerable.Reverse(Services))
        {
            await service.DisposeAsync();
        }

        _http.Dispose();
        if (_endedWell)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private ServiceProcess Service(string verb, Func<Task<bool>>? isReady, params string[] arguments) => Service(verb, verb, isReady, arguments);

    private ServiceProcess Service(string name, string verb, Func<Task<bool>>? isReady, string[] arguments) =>
        new(Path.Combine(_directory, name + ".log"), isReady, [verb, .. arguments]) { Environment = _environment };

    private ServiceProcess[] Instances(string verb, int count, string[] arguments) =>
        [.. Enumerable.Range(0, count).Select(slot => Service($"{verb}-{slot}", verb, null, [.. arguments, "--slot", $"{slot}"]))];

    private Func<Task<bool>> Answers(string url) => async () =>
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(url));
        return answer.IsSuccessStatusCode;
    };
}
