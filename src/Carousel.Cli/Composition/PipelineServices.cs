using System.Diagnostics.Metrics;
using Carousel.Broker.Hosting;
using Carousel.Cli.Commands;
using Carousel.Cli.Configuration;
using Carousel.Fulfillment;
using Carousel.Fulfillment.Payments;
using Carousel.Gateway;
using Carousel.Kafka;
using Carousel.Orders;
using Carousel.Orders.Avro;
using Carousel.PaymentSimulator;
using Carousel.Registry.Client;
using Carousel.Registry.Server;
using Carousel.Stages;
using Carousel.Stages.Log.Kafka;
using Carousel.Validation;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using EmbeddedBroker = Carousel.Broker.Hosting.Broker;

namespace Carousel.Cli.Composition;

/// <summary>Puts each service together from its parts: the one place that knows all of them.</summary>
internal static class PipelineServices
{
    /// <summary>Creates the missing topics and checks the others.</summary>
    /// <returns>The names of those created.</returns>
    /// <exception cref="CommandFailedException">The cluster can't be reached.</exception>
    public static async Task<IReadOnlyList<string>> EnsureTopicsAsync(CarouselSettings settings, CancellationToken cancellationToken)
    {
        SettingsLoader.RequireKafka(settings);
        try
        {
            return await new TopicProvisioner(settings.Kafka).EnsureAsync(TopicSet.Of(settings.Topics), cancellationToken);
        }
        catch (KafkaException e) when (e.Error.IsLocalError)
        {
            throw new CommandFailedException(
                $"Kafka at {settings.Kafka.BootstrapServers} can't be reached ({e.Error.Reason}): start it, or name another with --kafka HOST:PORT.", e);
        }
    }

    /// <summary>Opens the embedded broker, which is recovered and answers when this returns.</summary>
    /// <exception cref="CommandFailedException">Its port is taken.</exception>
    public static async Task<RunningService> StartBrokerAsync(ServiceContext context, CancellationToken cancellationToken)
    {
        BrokerOptions options = context.Settings.Broker;
        ServiceProvider metering = new ServiceCollection().AddMetrics().BuildServiceProvider();
        EmbeddedBroker broker;
        try
        {
            broker = await EmbeddedBroker.OpenAsync(
                options, context.Loggers, metering.GetRequiredService<IMeterFactory>(), TimeProvider.System, cancellationToken);
            options.Port = broker.Port;
        }
        catch (BrokerException e) when (e.InnerException is IOException { InnerException: AddressInUseException })
        {
            throw new CommandFailedException($"Port {options.Port} of {options.ListenAddress} is in use: stop who has it, or name another with --port.", e);
        }

        return RunningService.Start("broker", async stop =>
        {
            await using (metering)
            await using (broker)
            {
                await broker.RunAsync(stop);
            }
        });
    }

    public static async Task<RunningService> StartRegistryAsync(ServiceContext context, CancellationToken cancellationToken)
    {
        SettingsLoader.RequireKafka(context.Settings);
        WebApplication app = RegistryServer.Build(context.Settings.RegistryServer, context.Configure);
        RunningService service = await RunningService.StartAsync("registry", app, cancellationToken);
        await RegistryServer.WaitUntilReadyAsync(app, cancellationToken);
        return service;
    }

    public static Task<RunningService> StartPaymentsAsync(ServiceContext context, CancellationToken cancellationToken) =>
        RunningService.StartAsync("payments", PaymentSimulatorServer.Build(context.Settings.PaymentSimulator, context.Configure), cancellationToken);

    public static async Task<RunningService> StartGatewayAsync(ServiceContext context, CancellationToken cancellationToken)
    {
        CarouselSettings settings = context.Settings;
        await EnsureTopicsAsync(settings, cancellationToken);
        Directory.CreateDirectory(settings.DataDirectory);
        if (settings.Gateway.OrderIdKey is null)
        {
            settings.Gateway.OrderIdKeyFile ??= Path.Combine(settings.DataDirectory, "order-id.key");
        }

        var registry = new RegistryClient(new HttpClient(), settings.Registry);
        var status = new ReservationStatusReader(ValidationDatabase.OpenReader(DatabaseOptions(settings)));
        WebApplication app = GatewayServer.Build(settings.Gateway, settings.Kafka, registry, status, context.Configure);
        return await RunningService.StartAsync("gateway", app, cancellationToken);
    }

    /// <summary>Validation and settlement, which share the database.</summary>
    public static async Task<RunningService> StartValidationAsync(ServiceContext context, CancellationToken cancellationToken)
    {
        CarouselSettings settings = context.Settings;
        await EnsureTopicsAsync(settings, cancellationToken);
        Directory.CreateDirectory(settings.DataDirectory);

        // One instance is one name, in both groups.
        settings.Settlement.Slot = settings.Validation.Slot;
        return RunningService.Start("validation", async stop =>
        {
            await using var parts = new StageParts(context, "validation");
            await parts.RegisterSchemasAsync(stop);
            await using ValidationDatabase database = ValidationDatabase.Open(DatabaseOptions(settings), context.Loggers);
            var shared = new ValidationParts(parts.Topics, parts.Values, parts.Meters, context.Loggers, TimeProvider.System);
            Stage validation = parts.CreateStage(
                "validation", parts.Topics.ValidationGroup, [parts.Topics.Orders], settings.Validation, database.CreateValidationHandler(shared));
            Stage settlement = parts.CreateStage(
                "settlement",
                parts.Topics.SettlementGroup,
                [parts.Topics.OrdersFulfilled, parts.Topics.OrdersDeadLetters],
                settings.Settlement,
                database.CreateSettlementHandler(shared));
            await StageParts.RunTogetherAsync(stop, validation, settlement);
        });
    }

    public static async Task<RunningService> StartFulfillmentAsync(ServiceContext context, CancellationToken cancellationToken)
    {
        CarouselSettings settings = context.Settings;
        await EnsureTopicsAsync(settings, cancellationToken);
        return RunningService.Start("fulfillment", async stop =>
        {
            await using var parts = new StageParts(context, "fulfillment");
            await parts.RegisterSchemasAsync(stop);
            using var gateway = new HttpPaymentGateway(settings.Payments, new PaymentMetrics(parts.Meters), TimeProvider.System);
            var flow = new ChargeFlow(gateway, settings.Charges, Random.Shared, TimeProvider.System);
            var handler = new FulfillmentHandler(
                flow,
                settings.Charges,
                new FulfillmentOptions { Partitioning = settings.Partitioning },
                new FulfillmentParts(parts.Topics, parts.Values, parts.Meters, context.Loggers, TimeProvider.System));

            // The flow gives up by itself, after a last look at the provider; the engine's own limit must never come first.
            settings.Fulfillment.AttemptsMax ??= settings.Charges.AttemptsMax + 2;
            settings.Fulfillment.RetryAgeMax ??= settings.Charges.AgeMax;
            Stage stage = parts.CreateStage(
                "fulfillment", parts.Topics.FulfillmentGroup, [parts.Topics.OrdersValidated], settings.Fulfillment, handler);
            await stage.RunAsync(stop);
        });
    }

    public static ValidationOptions DatabaseOptions(CarouselSettings settings) =>
        new() { DatabasePath = settings.DatabasePath, Partitioning = settings.Partitioning };
}
