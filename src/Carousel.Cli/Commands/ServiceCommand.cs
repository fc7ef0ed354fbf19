using System.CommandLine;
using Carousel.Cli.Composition;
using Carousel.Cli.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Carousel.Cli.Commands;

/// <summary>What the commands that run one service have in common: settings, logging, telemetry, and running until told to stop.</summary>
internal static class ServiceCommand
{
    /// <summary>For who starts a service as its child, with a pipe to the child's standard input.</summary>
    public const string StopWithParent = "--stop-with-parent";

    public static Option<LogLevel> LogLevelOption(LogLevel normal) => new("--log")
    {
        Description = $"log level: Trace, Debug, Information, Warning, Error [default: {normal}]",
        DefaultValueFactory = _ => normal,
    };

    /// <param name="start">Starts the service, which runs when the task ends.</param>
    public static Command Create(
        string name, string description, Func<ServiceContext, CancellationToken, Task<RunningService>> start, params SettingOption[] options)
    {
        var command = new Command(name, description);
        Option<LogLevel> log = LogLevelOption(LogLevel.Information);
        Option<bool> withParent = new(StopWithParent) { Description = "stop when standard input is closed", Hidden = true };
        command.Options.Add(log);
        command.Options.Add(withParent);
        foreach (SettingOption option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            CarouselSettings settings = SettingsLoader.Load(parsed);
            var logging = new Logging(parsed.GetValue(log));
            using ILoggerFactory loggers = logging.CreateFactory();
            using IDisposable telemetry = Telemetry.Start(name);
            await using RunningService service = await start(new ServiceContext(settings, logging, loggers), cancellationToken);
            await Console.Out.WriteLineAsync($"carousel {name} runs; Ctrl-C stops it");
            Task parentGone = parsed.GetValue(withParent) ? StandardInputClosedAsync() : Task.Delay(Timeout.Infinite, CancellationToken.None);
            await Task.WhenAny(service.Completion, parentGone.WaitAsync(cancellationToken));
            await service.DisposeAsync();
            await service.Completion;
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>A read of standard input holds on whatever its token says, so there is none: whoever waits for this must be able to leave it.</summary>
    private static Task StandardInputClosedAsync() => Console.OpenStandardInput().CopyToAsync(Stream.Null, CancellationToken.None);
}

/// <summary>What a service is started with.</summary>
internal sealed record ServiceContext(CarouselSettings Settings, Logging Logging, ILoggerFactory Loggers)
{
    /// <summary>Has a web service log as the command does, and end when the command ends it.</summary>
    public void Configure(WebApplicationBuilder builder)
    {
        Logging.Configure(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
    }

    /// <summary>Signals are the command's: the host's own handler would end each service by itself, in any order.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
