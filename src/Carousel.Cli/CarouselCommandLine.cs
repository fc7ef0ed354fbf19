using System.CommandLine;
using System.CommandLine.Parsing;
using System.ComponentModel.DataAnnotations;
using Carousel.Cli.Commands;
using Carousel.Kafka;
using Carousel.Orders.Avro;
using Carousel.Stages.Log;
using Confluent.Kafka;

namespace Carousel.Cli;

/// <summary>The root of the <c>carousel</c> command: parses, runs, and turns every error into one sentence and an exit code.</summary>
internal static class CarouselCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"See 'carousel {Verbs(parsed.CommandResult)}--help'.");
            return ExitCodes.WrongUsage;
        }

        using var signals = new StopSignals(followsParent: args.Contains(ServiceCommand.StopWithParent));
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, signals.Token);
        }
        catch (UsageException e)
        {
            return await FailAsync(e, ExitCodes.WrongUsage);
        }
        catch (ValidationException e)
        {
            return await FailAsync(e, ExitCodes.WrongUsage);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return ExitCodes.Failed;
        }
        catch (Exception e) when (IsForThePerson(e))
        {
            return await FailAsync(e, ExitCodes.Failed);
        }
    }

    /// <summary>The verbs as far as they were understood.</summary>
    private static string Verbs(CommandResult command) => command.Parent is CommandResult parent ? $"{Verbs(parent)}{command.Command.Name} " : "";

    private static RootCommand Root() => new("Carousel: an exactly-once order pipeline on Apache Kafka, or on its own broker")
    {
        GatewayCommand.Create(),
        RegistryCommand.Create(),
        PaymentsCommand.Create(),
        UpCommand.Create(),
        BrokerCommand.Create(),
        ValidationCommand.Create(),
        FulfillmentCommand.Create(),
        TopicsCommand.Create(),
        SeedCommand.Create(),
        LoadCommand.Create(),
        AuditCommand.Create(),
    };

    /// <summary>Errors whose message tells a person what to do; any other is a bug of ours and shows its stack trace.</summary>
    private static bool IsForThePerson(Exception e) =>
        e is CommandFailedException or TopicMismatchException or LogException or KafkaException or RegistryUnavailableException or SchemaRefusedException
            or IOException or UnauthorizedAccessException or HttpRequestException or Loading.LoadingException
            or Monitor.Audit.AuditException or Validation.Reservations.SeedRefusedException or Validation.Reservations.ReservationsMissingException
            or Stages.DependencyUnavailableException or Gateway.GatewayOptionsException or PaymentSimulator.PaymentSimulatorException or Registry.Server.RegistryStartupException
            or Broker.Hosting.BrokerException;

    private static async Task<int> FailAsync(Exception e, int exitCode)
    {
        await Console.Error.WriteLineAsync($"carousel: {e.Message}");
        return exitCode;
    }
}
