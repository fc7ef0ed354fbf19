using System.ComponentModel.DataAnnotations;
using Carousel.Broker.Hosting;
using Carousel.Fulfillment.Payments;
using Carousel.Gateway;
using Carousel.Kafka;
using Carousel.Orders;
using Carousel.PaymentSimulator;
using Carousel.Registry.Client;
using Carousel.Registry.Server;

namespace Carousel.Cli.Configuration;

/// <summary>
/// Everything that can be configured, as it stands in <c>appsettings.json</c> under <c>Carousel</c>, in the environment as
/// <c>CAROUSEL_Section__Name</c>, and in flags; later ones win.
/// </summary>
internal sealed class CarouselSettings
{
    /// <summary>Where the embedded parts keep their files.</summary>
    [Required]
    public string DataDirectory { get; set; } = "data";

    /// <summary>Put before the name of every topic, group and transactional id, so that several pipelines share a cluster.</summary>
    [RegularExpression("^[a-zA-Z0-9._-]{0,100}$", ErrorMessage = "TopicPrefix must be at most 100 letters, digits, dots, underscores or hyphens.")]
    public string TopicPrefix { get; set; } = "";

    /// <summary>What orders are keyed by. All services of a pipeline need the same.</summary>
    public OrderPartitioning Partitioning { get; set; } = OrderPartitioning.Customer;

    public KafkaOptions Kafka { get; set; } = new();

    /// <summary>The broker that <c>carousel broker</c> runs, and <c>carousel up</c> where no Kafka is named.</summary>
    public BrokerOptions Broker { get; set; } = new() { DataDirectory = Path.Combine("data", "broker") };

    /// <summary>The registry that is asked.</summary>
    public RegistryClientOptions Registry { get; set; } = new();

    /// <summary>The registry that <c>carousel registry</c> and <c>carousel up</c> run.</summary>
    public RegistryOptions RegistryServer { get; set; } = new();

    public GatewayOptions Gateway { get; set; } = new();

    /// <summary>The payment provider that is called.</summary>
    public PaymentGatewayOptions Payments { get; set; } = new();

    public ChargeFlowOptions Charges { get; set; } = new();

    /// <summary>The simulator that <c>carousel payments</c> and <c>carousel up</c> run.</summary>
    public PaymentSimulatorOptions PaymentSimulator { get; set; } = new();

    public StageSettings Validation { get; set; } = new();

    public StageSettings Settlement { get; set; } = new();

    public StageSettings Fulfillment { get; set; } = new();

    public CarouselTopics Topics => new(TopicPrefix);

    public string DatabasePath => Path.Combine(DataDirectory, "carousel.db");
}

/// <summary>What of a stage can be configured; see <see cref="Stages.StageOptions"/> for meaning and defaults.</summary>
internal sealed class StageSettings
{
    [RegularExpression("^[a-zA-Z0-9._-]{1,64}$", ErrorMessage = "Slot must be 1 to 64 letters, digits, dots, underscores or hyphens.")]
    public string Slot { get; set; } = "0";

    public bool StaticMembership { get; set; }

    [Range(1, 1_000_000)]
    public int? WindowRecordsMax { get; set; }

    [Range(1, 100_000)]
    public int? BatchRecordsMax { get; set; }

    [Range(1, 10_000)]
    public int? AttemptsMax { get; set; }

    [Range(typeof(TimeSpan), "00:00:00.001", "7.00:00:00")]
    public TimeSpan? RetryAgeMax { get; set; }

    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan? TransactionInterval { get; set; }
}
